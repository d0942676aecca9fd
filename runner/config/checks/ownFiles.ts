/** The files that services bring of their own: there, below recipes/, and such that supervisors take them. */
import type { BuildStackError, Location } from '../../errors.ts'
import { manifestFaults } from '../../serviceBundle/ownManifest.ts'
import { configFault } from '../faults.ts'
import { HOST_VARIABLES, templateFaults, VARIABLES } from '../template.ts'
import { type Check, faultAt } from './check.ts'
import { destroyingText } from './commands.ts'

export const checkOwnFiles: Check = async ({ blocks, document, ownFiles }) => {
  const named = blocks.flatMap(({ path, fields }) =>
    Object.entries(fields.services ?? {}).flatMap(([name, { own = {} }]) =>
      Object.entries(own).flatMap(([kind, file]) =>
        file === undefined ? [] : [{ kind, file, name, path: [...path, 'services', name, 'own', kind] }],
      ),
    ),
  )
  const faults = named.map(async ({ kind, file, name, path }) => {
    const problem = ownFiles.problem(file)
    if (problem !== undefined) return [faultAt(document, path, problem)]
    const text = textOf(ownFiles.read(file))
    const at = (line: number, column = 1): Location => ({ file: `recipes/${file}`, line, column })
    if (text === undefined) return [configFault('the file is not UTF-8 text', at(1))]
    const found = kind === 'manifest' ? await manifestFaults(text, name) : scriptFaults(text)
    return [
      ...found.map(({ line, column, message }) => configFault(message, at(line, column))),
      ...markFaults(text, at),
    ]
  })
  return (await Promise.all(faults)).flat()
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

interface Fault {
  line: number
  column: number
  message: string
}

function scriptFaults(text: string): Fault[] {
  const lines = text.split('\n')
  const started = lines[0]?.startsWith('#!/')
    ? []
    : [{ line: 1, column: 1, message: 'a script begins with "#!" and the path of its shell' }]
  return [
    ...started,
    ...lines.flatMap((content, index): Fault[] => {
      const line = index + 1
      const strange = content.search(/[\r\0]/)
      if (strange >= 0)
        return [{ line, column: strange + 1, message: 'a carriage return or NUL character in a script' }]
      const reason = content.startsWith('#') ? undefined : destroyingText(content)
      return reason === undefined ? [] : [{ line, column: 1, message: reason }]
    }),
  ]
}

/** Everybody on the host can read these files. */
function markFaults(text: string, at: (line: number, column: number) => Location): BuildStackError[] {
  const place = (offset: number) => {
    const before = text.slice(0, offset).split('\n')
    return at(before.length, (before.at(-1) ?? '').length + 1)
  }
  const secret = text.indexOf('${secret.')
  return [
    ...(secret < 0
      ? []
      : [
          configFault(
            'a secret can only be in the content of a file; elsewhere others could read it',
            place(secret),
          ),
        ]),
    ...templateFaults(text, [...VARIABLES, ...HOST_VARIABLES]).map(({ offset, message }) =>
      configFault(message, place(offset)),
    ),
  ]
}
