/** Every string of a file: no NUL characters, and only variables that exist. */
import type { BuildStackError } from '../../errors.ts'
import type { Document, Path } from '../document.ts'
import { configFault } from '../faults.ts'
import { pathText } from '../pathText.ts'
import { HOST_VARIABLES, templateFaults, VARIABLES, variables } from '../template.ts'
import { faultAt } from './check.ts'

/** For people only, and not part of what is built. */
const isProse = (path: Path) => path.length === 1 && ['summary', 'homepage'].includes(String(path[0]))
/** A source is fetched once for all hosts, so it can name nothing of a host. */
const SOURCE_VARIABLES = ['name', 'version']
/** Nothing is compiled for these, so that they may be another host's otherwise. */
const OF_ONE_HOST = ['files', 'services', 'setup']

export function checkText(document: Document): BuildStackError[] {
  const faults: BuildStackError[] = []
  function visit(value: unknown, path: Path): void {
    if (typeof value === 'string') faults.push(...faultsOf(value, path, document))
    else if (Array.isArray(value)) for (const [i, item] of value.entries()) visit(item, [...path, i])
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (key.includes('\0'))
          faults.push(faultAt(document, [...path, key], 'a NUL character', { part: 'key' }))
        visit(item, [...path, key])
      }
    }
  }
  visit(document.value, [])
  return faults
}

function faultsOf(text: string, path: Path, document: Document): BuildStackError[] {
  if (text.includes('\0')) return [faultAt(document, path, 'a NUL character cannot be in a string')]
  if (!text.includes('${') || isProse(path)) return []
  const all = [...text.matchAll(/\$\{/g)].map((mark) => mark.index)
  const field = String(path[0] === 'versions' ? path[2] : path[0])
  const isOwn = OF_ONE_HOST.includes(field)
  const isFile = field === 'files' && path.at(-1) === 'content'
  const misplaced = (kind: string, why: string) =>
    variables(text).some((name) => name.startsWith(kind))
      ? [configFault(`${pathText(path)}: ${why}`, document.locateWithin(path, `\${${kind}`, 0))]
      : []
  const wrong = [
    ...(isFile
      ? []
      : misplaced(
          'secret.',
          'a secret can only be in the content of a file; elsewhere others could read it',
        )),
    ...(isOwn
      ? []
      : misplaced(
          'host.',
          'what a host is can only be in files, services and setup; elsewhere each host would need a build of its own',
        )),
  ]
  if (wrong.length > 0) return wrong
  const known = field === 'source' ? SOURCE_VARIABLES : isOwn ? [...VARIABLES, ...HOST_VARIABLES] : VARIABLES
  return templateFaults(text, known).map(({ offset, message }) => {
    const location = document.locateWithin(path, '${', all.indexOf(offset))
    return configFault(`${pathText(path)}: ${message}`, location)
  })
}
