/** The files that a recipe brings for a service instead of those that are made: texts, and their variables. Pure. */

import { configFault } from '../config/faults.ts'
import type { LoadedRecipe } from '../config/loadedRecipe.ts'
import type { Service } from '../config/recipe.ts'
import { expand, type Values, variables } from '../config/template.ts'
import type { BuildStackError } from '../errors.ts'
import { quote } from '../shell.ts'

type Kind = keyof NonNullable<Service['own']>

/** SMF's manifest and method script, and the run script of daemontools. */
export type OwnTexts = { [K in Kind]?: string }

export function ownTexts(own: NonNullable<Service['own']>, read: LoadedRecipe['ownFile']): OwnTexts {
  return Object.fromEntries(
    Object.entries(own).flatMap(([kind, file]) => (file === undefined ? [] : [[kind, read(file)]])),
  )
}

/** In a manifest a value is text of XML, whatever it holds. */
export function filledOwnTexts(own: OwnTexts, values: Values): OwnTexts {
  const escaped = Object.fromEntries(
    Object.entries(values).map(([name, value = '']) => [name, xmlText(value)]),
  )
  return Object.fromEntries(
    Object.entries(own).map(([kind, text]) => [kind, expand(text, kind === 'manifest' ? escaped : values)]),
  )
}

function xmlText(value: string): string {
  return value.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/**
 * A shell reads scripts: between other text, within quotes or without, no quoting of ours would do. So a value of the host
 * that is more than a plain word there is refused.
 */
export function ownScriptFaults(
  services: Readonly<Record<string, { own?: OwnTexts | undefined }>>,
  host: string,
  values: Values,
  { placeOf }: Pick<LoadedRecipe, 'placeOf'>,
): BuildStackError[] {
  const scripts = Object.values(services).flatMap(({ own }) => [own?.method ?? '', own?.run ?? ''])
  return [...new Set(scripts.flatMap(variables))].flatMap((variable) => {
    const value = Object.hasOwn(values, variable) ? values[variable as keyof Values] : undefined
    if (value === undefined || quote(value) === value) return []
    const message = `\${${variable}} of the host ${host} has characters that a shell reads, and stands in a script`
    return configFault(message, placeOf(variable), {
      host,
      next: `let the script get it as a word of "command", or from "environment"`,
    })
  })
}
