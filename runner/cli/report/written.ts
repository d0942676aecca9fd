/** Ends a report: resolves when all that was written before has left this process's buffer, or never will. */
export function written(out: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    if (!out.writable) return resolve()
    out.once('close', resolve)
    out.write('', () => {
      out.removeListener('close', resolve)
      resolve()
    })
  })
}
