/** The dry run's question to a host: the real scripts, under each of the shells, and what is made of their answer. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../runner/config/hosts.ts'
import { pristinePath } from '../../runner/receipts/pristine.ts'
import {
  type PreviewAnswer,
  type PreviewQuestion,
  parsePreview,
  previewCommand,
} from '../../runner/run/previewAnswer.ts'
import { type Shell, shells } from '../host/shells.ts'
import { factsWith, run } from '../verify/look.ts'

const PATH = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']

class World {
  readonly prefix = mkdtempSync(join(tmpdir(), "build-stack preview'"))

  put(path: string, content: string | Buffer): string {
    const file = path.startsWith('/') ? path : join(this.prefix, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }

  ask(shell: Shell, question: Partial<PreviewQuestion>): PreviewAnswer {
    const host = { name: 'box', prefix: this.prefix, path: PATH } as unknown as Host
    const all = { texts: [], lists: [], packages: [], configuration: [], ...question }
    const answer = parsePreview(run(shell, previewCommand(host, factsWith([], { shell: shell.path }), all)))
    if (!answer) throw new Error('no answer')
    return answer
  }

  close(): void {
    rmSync(this.prefix, { recursive: true, force: true })
  }
}

for (const shell of shells) {
  const test = suite(`a dry run's question under ${shell.name}`)
  const inWorld = (name: string, body: (world: World) => void) =>
    test(name, () => {
      const world = new World()
      try {
        body(world)
      } finally {
        world.close()
      }
    })

  inWorld(
    'brings texts as they are, also without a last line break, empty, or with words of the answer',
    (world) => {
      const contents = [
        'one\ntwo\n',
        'no end',
        '',
        '\n\n',
        'preview end\n|x\ntext\t/etc/passwd\n',
        'tab\t\\n $x `y`\n',
      ]
      const paths = contents.map((content, index) => world.put(`texts/${index} 'x`, content))
      const { texts } = world.ask(shell, { texts: [...paths, join(world.prefix, 'none'), world.prefix] })
      assert.equal(
        paths.map((path) => texts.get(path)),
        contents,
      )
      assert.is(texts.size, contents.length)
    },
  )

  inWorld('brings lists of files and of packages', (world) => {
    const sha = 'a'.repeat(64)
    world.put('var/build-stack/receipts/x.files', `f -rwxr-xr-x 4 ${sha} bin/a b\nd 0755 - - bin\n`)
    world.put('stage/bin/tool', 'x')
    world.put('stage/share/a b', 'x')
    const store = join(world.prefix, 'var/build-stack/packages')
    mkdirSync(store)
    execFileSync('tar', ['czf', join(store, 'x-1.tar.gz'), '-C', join(world.prefix, 'stage'), '.'])
    const answer = world.ask(shell, { lists: ['x', 'none'], packages: ['x-1', 'none-1'] })
    assert.equal(
      answer.lists.get('x')?.map(({ type, path }) => `${type} ${path}`),
      ['file bin/a b', 'folder bin'],
    )
    assert.equal([...(answer.packages.get('x-1') ?? [])].filter((path) => !path.endsWith('/')).sort(), [
      './bin/tool',
      './share/a b',
    ])
    assert.equal([...answer.packages.keys()], ['x-1'])
  })

  inWorld('says which configuration files are as installed, edited, or not ours', (world) => {
    const files = ['same', 'edited', 'foreign', 'gone'].map((name) => ({
      recipe: 'x',
      path: join(world.prefix, 'etc', name),
    }))
    const [same, edited, foreign] = files.map(({ path }) => path) as [string, string, string, string]
    for (const path of [same, edited, foreign]) world.put(path, 'text\n')
    world.put(pristinePath(world.prefix, 'x', same), 'text\n')
    world.put(pristinePath(world.prefix, 'x', edited), 'before\n')
    world.put(`${edited}.new`, 'new\n')
    const { configuration } = world.ask(shell, { configuration: files })
    assert.equal(
      configuration.map(({ state, newBeside }) => `${state}${newBeside ? ', new' : ''}`),
      ['same', 'changed, new', 'unknown', 'missing'],
    )
  })

  inWorld('changes nothing', (world) => {
    const path = world.put('x', 'text\n')
    chmodSync(world.prefix, 0o555)
    world.ask(shell, { texts: [path], lists: ['x'], packages: ['y'] })
    assert.is(execFileSync('ls', [world.prefix], { encoding: 'utf8' }), 'x\n')
    chmodSync(world.prefix, 0o755)
  })
  test.run()
}

const parsing = suite("a dry run's answer")

parsing('that is cut off, or none, is none', () => {
  assert.is(parsePreview(''), undefined)
  assert.is(parsePreview('Welcome!\n'), undefined)
  assert.is(parsePreview('\npreview 1\ntext\t/x\n|a\n'), undefined)
})

parsing('never throws, whatever a host says', () => {
  void fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'text\t/x',
          '|a',
          '|',
          '',
          'listed\tx\tf',
          'packed',
          'whole\tx',
          'config\ta',
          'other',
        ),
      ),
      (lines) => {
        parsePreview(['', 'preview 1', ...lines, 'preview end', ''].join('\n'))
      },
    ),
  )
})
parsing.run()
