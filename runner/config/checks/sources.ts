/** Where archives come from: addresses that can be fetched, file names that stay in their folder. */
import type { BuildStackError } from '../../errors.ts'
import type { Path } from '../document.ts'
import { type Check, faultAt } from './check.ts'

export const checkSources: Check = ({ recipe, document }) => {
  const faults: BuildStackError[] = []
  const check = (path: Path, { url, file }: { url?: string; file?: string | undefined }) => {
    const name = url === undefined ? undefined : fileOfUrl(url)
    if (url !== undefined && name === undefined)
      faults.push(faultAt(document, [...path, 'url'], `"${url}" is not an http or https address`))
    if (name === '' && file === undefined)
      faults.push(faultAt(document, [...path, 'url'], 'the address ends in no file name; add "file"'))
    if (file !== undefined && (/[/\0]/.test(file) || ['', '.', '..'].includes(file)))
      faults.push(faultAt(document, [...path, 'file'], `"${file}" is not a file name without folders`))
  }
  for (const [version, { source, system = recipe.system }] of Object.entries(recipe.versions)) {
    const path = ['versions', version, 'source']
    if ('packages' in source !== (system === 'package')) {
      const message = 'system package and a source with packages belong together'
      faults.push(faultAt(document, path, message))
    }
    if ('none' in source !== (system === 'files')) {
      const message = 'system files and a source of none belong together'
      faults.push(faultAt(document, path, message))
    }
    if ('git' in source && !/^(https?|ssh|git|file):\/\/[^\s]+$/.test(source.git))
      faults.push(
        faultAt(document, [...path, 'git'], `"${source.git}" is not the address of a Git repository`),
      )
    if (!('url' in source)) continue
    check(path, source)
    for (const [i, alternative] of (source.alternatives ?? []).entries()) {
      const at = [...path, 'alternatives', i]
      check(at, alternative)
      if ('debian' in alternative && !/^[a-z0-9][a-z0-9+.-]+$/.test(alternative.debian))
        faults.push(faultAt(document, [...at, 'debian'], `"${alternative.debian}" is not a package name`))
      if ('suite' in alternative && !/^[a-z][a-z0-9.-]*$/.test(alternative.suite ?? 'any'))
        faults.push(
          faultAt(document, [...at, 'suite'], `"${alternative.suite}" is not the name of a release`),
        )
      if ('directory' in alternative && alternative.directory === '')
        faults.push(faultAt(document, [...at, 'directory'], 'names no folder'))
    }
  }
  return faults
}

/** The last part of the address; undefined for what is none. */
function fileOfUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return ['http:', 'https:'].includes(url.protocol) ? url.pathname.split('/').at(-1) : undefined
}
