import { execFileSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { run } from '../../runner/local.ts'
import { checkArchive } from '../../runner/sources/archive.ts'
import { fetchCheckout } from '../../runner/sources/git.ts'
import { rejects } from '../rejects.ts'
import { inTemporaryFolder } from './temporary.ts'

const withGit = await run(['git', '--version']).then(
  () => true,
  () => false,
)
const test = suite('sources/git')

interface Scene {
  cache: string
  repository: string
  source: { git: string; revision: string }
  options: { cache: string; name: string; recipe: string }
}

/** A repository with two commits, of which the first is wanted. */
function withRepository(name: string, use: (scene: Scene) => Promise<void>): void {
  if (!withGit) {
    test.skip(`${name} (no git here)`)
    return
  }
  test(name, () =>
    inTemporaryFolder(async (folder) => {
      const repository = join(folder, 'repository')
      const git = (...words: string[]) =>
        execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
          encoding: 'utf8',
        }).trim()
      execFileSync('git', ['init', '--quiet', '--initial-branch=main', repository])
      await writeFile(join(repository, 'setup.py'), 'first\n')
      git('add', '.')
      git('commit', '--quiet', '-m', 'first')
      const revision = git('rev-parse', 'HEAD')
      await writeFile(join(repository, 'setup.py'), 'second\n')
      git('commit', '--quiet', '-a', '-m', 'second')
      const cache = join(folder, 'cache')
      await use({
        cache,
        repository,
        source: { git: `file://${repository}`, revision },
        options: { cache, name: 'django', recipe: 'django 1.0' },
      })
    }),
  )
}

withRepository('packs the one commit under a top folder of its own', async ({ source, options, cache }) => {
  const fetched = await fetchCheckout(source, options)
  const { root } = await checkArchive(fetched.path)
  assert.is(root, `django-${source.revision}`)
  const { stdout } = await run(['tar', 'xzOf', fetched.path, `${root}/setup.py`])
  assert.is(stdout, 'first\n')
  assert.equal((await readdir(join(cache, 'git'))).sort(), [fetched.file, `${fetched.file}.sha256`])
})

withRepository('gives the same archive again, and from the cache without the repository', async (scene) => {
  const { source, options, cache } = scene
  const first = await fetchCheckout(source, options)
  const again = await fetchCheckout({ ...source, git: 'file:///nonexistent' }, { ...options, offline: true })
  assert.equal(again, first)
  const elsewhere = await fetchCheckout(source, { ...options, cache: `${cache}-2` })
  assert.is(elsewhere.sha256, first.sha256)
})

withRepository('does not use a damaged archive', async ({ source, options }) => {
  const first = await fetchCheckout(source, options)
  await writeFile(first.path, 'damaged')
  const again = await fetchCheckout(source, options)
  assert.is(again.sha256, first.sha256)
  assert.is((await readFile(again.path)).length, first.size)
})

withRepository('says that a repository lacks the commit, or is not there', async ({ source, options }) => {
  const other = { ...source, revision: '0123456789012345678901234567890123456789' }
  const lacking = (await rejects(
    fetchCheckout(other, options),
    (e) => e instanceof BuildStackError,
  )) as BuildStackError
  assert.is(lacking.code, 'SOURCE')
  assert.match(lacking.message, 'it has no such commit')
  const gone = { ...source, git: 'file:///nonexistent/repository' }
  await rejects(fetchCheckout(gone, options), /commit .* of file:\/\/\/nonexistent\/repository: fatal: /)
  await rejects(fetchCheckout(gone, { ...options, offline: true }), /offline/)
})

withRepository(
  "asks a clone in the user's folder first, and the address where that lacks the commit",
  async (scene) => {
    const { source, options, cache, repository } = scene
    const sourceFolder = dirname(repository)
    const unreachable = { ...source, git: 'https://127.0.0.1:9/team/repository.git' }
    const fetched = await fetchCheckout(unreachable, { ...options, sourceFolder, offline: true })
    const { stdout } = await run(['tar', 'xzOf', fetched.path, `django-${source.revision}/setup.py`])
    assert.is(stdout, 'first\n')

    const stale = join(sourceFolder, 'gathered')
    execFileSync('git', ['init', '--quiet', '--bare', join(stale, 'repository.git')])
    const other = { ...options, cache: `${cache}-2`, sourceFolder: stale }
    assert.is((await fetchCheckout(source, other)).sha256, fetched.sha256)
  },
)

withRepository('lets no address run a program', async ({ source, options, cache }) => {
  const evil = { ...source, git: `ext::touch ${cache}/made` }
  await rejects(fetchCheckout(evil, options), /transport 'ext' not allowed/)
  assert.not((await readdir(cache)).includes('made'))
})

test.run()
