/** A project folder for a test: files by path, removed with the process of the test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const folders: string[] = []
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function project(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-config-'))
  folders.push(folder)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

const SHA = 'a'.repeat(64)

/** A sound recipe: `more` is put before its versions, and each version may have more (indented by the caller). */
export function recipe(more = '', versions: Record<string, string> = { '1.0': '' }): string {
  const list = Object.entries(versions).map(([version, rest]) => {
    const source = `source: {url: https://example.invalid/x-${version}.tar.gz, sha256: ${SHA}}`
    return `  ${version}:\n    ${source}\n${rest}`
  })
  return `summary: x\nsystem: autotools\n${more}versions:\n${list.join('')}`
}

/** hosts.yaml with one host that wants these recipes. */
export function hosts(recipes: Record<string, string>, name = 'server1'): string {
  const lines = Object.entries(recipes).map(
    ([recipe, range]) => `      ${recipe}: ${JSON.stringify(range)}\n`,
  )
  return `hosts:\n  ${name}:\n    address: ${name}.example\n    recipes:${lines.length ? `\n${lines.join('')}` : ' {}\n'}`
}
