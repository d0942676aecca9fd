/** Ansible's way to name many hosts in one word: web[01:20].example, db-[a:c], web[1:9:2], and a port after it. */

export type HostNames = { names: string[]; port: number | undefined } | { problem: string }

/** Far more than anybody has; a slip of the finger reaches millions. */
const MAX_NAMES = 10_000
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

export function hostNames(word: string): HostNames {
  const [, pattern = word, port] = /^((?:[^:[\]]|\[[^[\]]*\])+):(\d{1,5})$/.exec(word) ?? []
  const names = expand(pattern)
  if ('problem' in names) return names
  return { names: names.names, port: port === undefined ? undefined : Number(port) }
}

function expand(pattern: string): { names: string[] } | { problem: string } {
  const [, head = '', range = '', tail = ''] = /^([^[]*)\[([^\]]*)\](.*)$/.exec(pattern) ?? []
  if (!pattern.includes('[')) return { names: [pattern] }
  if (range === '') return { problem: `"${pattern}" has a [ that begins no range` }
  const values = rangeValues(range)
  if ('problem' in values) return values
  const tails = expand(tail)
  if ('problem' in tails) return tails
  if (values.values.length * tails.names.length > MAX_NAMES) {
    return { problem: `"${pattern}" stands for more than ${MAX_NAMES} hosts` }
  }
  return { names: values.values.flatMap((value) => tails.names.map((rest) => `${head}${value}${rest}`)) }
}

function rangeValues(range: string): { values: string[] } | { problem: string } {
  const [, first = '', last = '', stepText = '1'] =
    /^([0-9]*|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?$/.exec(range) ?? []
  const problem = (why: string) => ({ problem: `the range [${range}] ${why}` })
  if (last === '') return problem('is none: it is written [01:20], [a:f] or [1:9:2]')
  const step = Number(stepText)
  if (step === 0) return problem('takes no steps')
  const begin = first === '' ? '0' : first
  const letters = LETTERS.includes(last)
  if (LETTERS.includes(begin) !== letters) return problem('begins and ends with different kinds of things')
  const at = (text: string) => (letters ? LETTERS.indexOf(text) : Number(text))
  if (at(begin) > at(last)) return problem('ends before it begins')
  // 01 asks for two digits everywhere.
  const width = !letters && begin.length > 1 && begin.startsWith('0') ? begin.length : 0
  if (width > 0 && last.length !== width) return problem(`ends with another number of digits than ${begin}`)
  if ((at(last) - at(begin)) / step >= MAX_NAMES) return problem(`stands for more than ${MAX_NAMES} hosts`)
  const values: string[] = []
  for (let i = at(begin); i <= at(last); i += step) {
    values.push(letters ? (LETTERS[i] as string) : String(i).padStart(width, '0'))
  }
  return { values }
}
