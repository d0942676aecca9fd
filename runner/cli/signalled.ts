/** Ctrl-C and its like for commands of this machine alone: the work ends at the next file, and says so. */

export interface Signalled {
  signal: AbortSignal
  /** A signal is again what it is to any program. */
  end(): void
}

export function signalled(): Signalled {
  const stop = new AbortController()
  const onSignal = () => {
    end()
    stop.abort()
  }
  const end = () => {
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return { signal: stop.signal, end }
}
