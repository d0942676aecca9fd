/** Whether a host's make takes its cpus from a jobserver of ours, and how it is told. Pure. */

/**
 * The option for the FIFO that job.sh has open as 7; undefined for a make that is not GNU's, or too old to have one.
 * version: the first line of make --version.
 */
export function jobserverOption(version: string | undefined): string | undefined {
  // "3.81", "4.2.1": the part after the first dot is a number of its own, but for the 3.x, which had two digits.
  const [, major, minor] = /^GNU Make (?:version )?(\d+)\.(\d+)/.exec(version ?? '') ?? []
  const [first, second] = [Number(major), Number(minor)]
  if (first > 4 || (first === 4 && second >= 2)) return '--jobserver-auth=7,7'
  if (first === 4 || (first === 3 && second >= 80)) return '--jobserver-fds=7,7'
  return undefined
}
