/** Archives that the test packs itself, each with its recipe: the blog, and sqlparse out of Debian's package. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256OfFile } from '../../../runner/sources/checksum.ts'

const PLAIN = ['--sort=name', '--mtime=2026-01-01', '--owner=0', '--group=0', '--numeric-owner']

/** Packs parent/folder as NAME-VERSION.tar.gz, equal for equal files; resolves to its sha256. */
async function pack(archive: string, parent: string, folder: string): Promise<string> {
  const packed = execFileSync('tar', [...PLAIN, '--exclude=__pycache__', '-cf', '-', '-C', parent, folder], {
    maxBuffer: 1 << 28,
  })
  writeFileSync(archive, execFileSync('gzip', ['-nc'], { input: packed, maxBuffer: 1 << 28 }))
  return (await sha256OfFile(archive)).sha256
}

export async function packBlog(here: string, archives: string, recipes: string): Promise<void> {
  const sha256 = await pack(join(archives, 'blog-1.0.tar.gz'), here, 'blog')
  const recipe = readFileSync(join(here, 'blog.yaml'), 'utf8')
  writeFileSync(join(recipes, 'blog.yaml'), recipe.replace(/# The test packs.*/, `sha256: ${sha256}`))
}

/** Django needs it, and its source archives have left Debian's mirrors; the package with the same files has not. */
export async function packSqlparse(work: string, archives: string, recipes: string): Promise<void> {
  const folder = join(work, 'sqlparse')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // Into a folder of ours that apt's own account cannot write to: it says so, and works as root.
  execFileSync('apt-get', ['download', '-qq', 'python3-sqlparse'], { cwd: folder, stdio: 'ignore' })
  const [name = ''] = readdirSync(folder)
  const version = /_([0-9.]+)-/.exec(name)?.[1] ?? ''
  execFileSync('dpkg-deb', ['-x', join(folder, name), folder])
  const file = `sqlparse-${version}.tar.gz`
  const sha256 = await pack(join(archives, file), join(folder, 'usr/lib/python3/dist-packages'), 'sqlparse')
  const recipe = {
    summary: 'Reads SQL, which Django needs',
    system: 'copy',
    dependencies: { python: { version: '*', kind: 'run' } },
    copy: [{ from: '.', to: 'lib/python3.11/site-packages/sqlparse' }],
    smoke: [{ command: ['test', '-f', '${prefix}/lib/python3.11/site-packages/sqlparse/__init__.py'] }],
    versions: { [version]: { source: { url: `http://127.0.0.1:9/${file}`, sha256 } } },
  }
  writeFileSync(join(recipes, 'sqlparse.yaml'), JSON.stringify(recipe))
}
