/** Colours for what is printed: decided once by whoever knows the stream, given on as a function that paints. */
import { inspect } from 'node:util'

export type Style = 'red' | 'green' | 'yellow' | 'bold' | 'dim'

export type Paint = (style: Style, text: string) => string

export function painter(color: boolean): Paint {
  if (!color) return (_style, text) => text
  return (style, text) => {
    const [on, off] = inspect.colors[style] as [number, number]
    return text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`
  }
}

/** Whether a stream wants colours: https://no-color.org first, then FORCE_COLOR, then whether it is a terminal. */
export function wantsColor(isTTY: boolean, env: Record<string, string | undefined>): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return isTTY && env.TERM !== 'dumb'
}
