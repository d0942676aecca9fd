/** The history of a host: one JSON object a line, oldest first, for each job that changed it or tried to. */

export interface HistoryEntry {
  /** ISO 8601, the host's clock. */
  at: string
  /** user@machine */
  by: string
  recipe: string
  /** install, upgrade, rollback, remove, ... */
  action: string
  /** Versions; undefined for none. */
  from: string | undefined
  to: string | undefined
  job: string
  /** Equal for all that one run did; of a saved plan its own name. Undefined in lines of before this was recorded. */
  run: string | undefined
  /** done, failed or cancelled. */
  result: string
  seconds: number | undefined
}

/** unreadable: lines that are none of ours: half written, edited, or of a newer build-stack. */
export function parseHistory(text: string): { entries: HistoryEntry[]; unreadable: number } {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const entries = lines.flatMap((line) => entryOf(line) ?? [])
  return { entries, unreadable: lines.length - entries.length }
}

/** Where it is on a host. */
export function historyPath(prefix: string): string {
  return `${prefix}/var/build-stack/history`
}

function entryOf(line: string): HistoryEntry | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const found = value as Record<string, unknown>
  const text = (key: string) => (typeof found[key] === 'string' ? (found[key] as string) : undefined)
  const [at, recipe, action, result] = [text('at'), text('recipe'), text('action'), text('result')]
  if (at === undefined || recipe === undefined || action === undefined || result === undefined)
    return undefined
  return {
    at,
    by: text('by') ?? '-',
    recipe,
    action,
    from: text('from'),
    to: text('to'),
    job: text('job') ?? '',
    run: text('run'),
    result,
    seconds: typeof found.seconds === 'number' ? found.seconds : undefined,
  }
}
