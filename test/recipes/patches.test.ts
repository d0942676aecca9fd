/**
 * Every patch says what it is for, and applies to the real source, wherever that is at hand: in the folder that
 * BUILD_STACK_SOURCES names, under the archive's own name.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadProject } from '../../runner/config/load.ts'
import { hostScript, packageRoot } from '../../runner/paths.ts'

const test = suite('recipes/patches')
const recipes = await (await loadProject(packageRoot)).allRecipes()
const sources = process.env.BUILD_STACK_SOURCES

const versions = [...recipes.values()].flatMap((recipe) =>
  Object.entries(recipe.versions).flatMap(([version, own]) => {
    const patches = own.patches ?? recipe.patches ?? []
    return patches.length > 0 ? [{ recipe, version, source: own.source, patches }] : []
  }),
)

test('there are patches', () => {
  assert.ok(versions.length > 0)
})

for (const { recipe, version, source, patches } of versions) {
  for (const { file } of patches) {
    test(`${file} says the problem, the host, and how one sees it, and has no lines to spare`, () => {
      const text = readFileSync(join(packageRoot, 'patches', file), 'utf8')
      const header = text.slice(0, text.search(/^--- /m))
      for (const word of ['Problem: ', 'Host: ', 'How one sees it: ']) assert.match(header, word)
      for (const [, path] of text.matchAll(/^(?:---|\+\+\+) (\S+)/gm))
        assert.match(path ?? '', /^([ab]\/[^.]|\/dev\/null$)/)
      assert.ok(text.split('\n').length < 60)
    })
  }

  const name = 'url' in source ? (source.file ?? source.url.slice(source.url.lastIndexOf('/') + 1)) : ''
  const archive = join(sources ?? '', name)
  const title = `the patches of ${recipe.name} ${version} apply, one after the other, without fuzz`
  if (sources === undefined || !existsSync(archive)) {
    test.skip(`${title} (${name} is not in the folder of BUILD_STACK_SOURCES)`)
    continue
  }
  test(title, () => {
    const folder = mkdtempSync(join(tmpdir(), 'patches-'))
    try {
      const unpacked = spawnSync('tar', ['xf', archive, '-C', folder], { encoding: 'utf8' })
      assert.is(unpacked.status, 0, unpacked.stderr)
      const [top = ''] = readdirSync(folder)
      for (const { file, strip, fuzz } of patches) {
        const words = [
          hostScript('patch.sh'),
          join(packageRoot, 'patches', file),
          String(strip),
          String(fuzz),
        ]
        const { status, stdout, stderr } = spawnSync('sh', words, {
          cwd: join(folder, top),
          encoding: 'utf8',
        })
        assert.is(status, 0, `${file}: ${stdout}${stderr}`)
        assert.not.match(stdout, 'fuzz')
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

test.run()
