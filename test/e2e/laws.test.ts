/**
 * Laws of plans and of what is carried out: the built program and its host scripts on a sandbox, with generated recipes (trees,
 * configuration files, services) that need no compiler.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { file, folder, link, type Node, readPrefix, type Tree } from '../host/trees.ts'
import { writeTreeRecipe } from './treeRecipe.ts'
import { Workshop } from './workshop.ts'

const RUNS = Number(process.env.BUILD_STACK_RUNS ?? 2)

interface Version {
  tree: Tree
  /** Content and mode of its configuration file, where it has one. */
  configuration: { content: string; mode: string } | undefined
  service: { enabled: boolean; word: string } | undefined
}

const { tree: aTree } = fc.letrec<{ node: Node; tree: Tree }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .record({ content: fc.constantFrom('1', '2', ''), mode: fc.constantFrom(0o644, 0o755, 0o444) })
      .map(({ content, mode }) => file(content, mode)),
    fc.constantFrom('a', '../b', 'nowhere/else').map(link),
    tie('tree').map((children) => folder(children)),
  ),
  tree: fc.dictionary(fc.constantFrom('a', 'b', "c's $(d)", 'e e'), tie('node'), {
    minKeys: 1,
    maxKeys: 4,
    noNullPrototype: true,
  }),
}))
const aVersion: fc.Arbitrary<Version> = fc.record({
  tree: aTree,
  configuration: fc.option(
    fc.record({ content: fc.constantFrom('x\n', 'y\n', ''), mode: fc.constantFrom('0644', '0600') }),
    { nil: undefined, freq: 3 },
  ),
  service: fc.option(fc.record({ enabled: fc.boolean(), word: fc.constantFrom('1000', '2000') }), {
    nil: undefined,
    freq: 1,
  }),
})
const aRecipe = fc.record({ one: aVersion, two: aVersion })

const NAMES = ['first', 'second'] as const
const workshop = new Workshop()
const host = { address: 'sandbox', recipes: Object.fromEntries(NAMES.map((name) => [name, '*'])) }
workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: host } }))

function write(name: string, version: string, { tree, configuration, service }: Version): void {
  const files = configuration ? [{ path: `etc/${name}/main.conf`, ...configuration }] : []
  const services = service
    ? { [name]: { summary: name, command: ['/bin/sleep', service.word], enabled: service.enabled } }
    : {}
  writeTreeRecipe(workshop, name, { version, tree, into: `share/${name}`, fields: { files, services } })
}

async function expect(status: number, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await workshop.build(...words)
  assert.is(code, status, `${words.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** Everything below the prefix but build-stack's own, the receipts, and what SMF has of ours. */
async function state(): Promise<{ tree: Tree; receipts: Record<string, string>; services: string }> {
  const prefix = join(workshop.root('box'), 'opt/local')
  const records = join(prefix, 'var/build-stack/receipts')
  const { stdout } = await workshop.login(
    'box',
    "svcs -aHo state,fmri 'svc:/application/build-stack/*' 2>/dev/null | sort",
  )
  return {
    tree: readPrefix(prefix),
    receipts: Object.fromEntries(
      readdirSync(records)
        .sort()
        .map((name) => [name, readFileSync(join(records, name), 'utf8')]),
    ),
    services: stdout,
  }
}

const laws = suite('laws of plans on a real host')

laws(
  'a plan after its run is empty; the way back is exact; a removal of all leaves what was there',
  async () => {
    for (const name of NAMES)
      write(name, '0', { tree: { a: file('') }, configuration: undefined, service: undefined })
    const { code, stderr } = await workshop.command('sandbox', 'start', 'box')
    assert.is(code, 0, stderr)
    await workshop.login('box', 'mkdir -p /opt/local/share && echo mine >/opt/local/share/mine')
    await fc.assert(
      fc.asyncProperty(aRecipe, aRecipe, async (first, second) => {
        const before = readPrefix(join(workshop.root('box'), 'opt/local'))
        write('first', '1', first.one)
        write('second', '1', second.one)
        await expect(0, 'box')
        assert.match(await expect(0, 'box', '--dry-run'), 'nothing to do')
        const old = await state()
        write('first', '2', first.two)
        write('second', '2', second.two)
        await expect(2, 'box', '--dry-run')
        await expect(0, 'box')
        assert.match(await expect(0, 'box', '--dry-run'), 'nothing to do')
        await expect(0, 'rollback', 'box')
        assert.equal(await state(), old)
        // What came back is what its recipes would have built.
        write('first', '1', first.one)
        write('second', '1', second.one)
        assert.match(await expect(0, 'box', '--dry-run'), 'nothing to do')
        await expect(0, 'remove', 'box', ...NAMES, '--yes')
        assert.equal(await state(), { tree: before, receipts: {}, services: '' })
      }),
      { numRuns: RUNS, endOnFailure: true, includeErrorInReport: true },
    )
  },
)

laws.after(() => workshop.close())
laws.run()
