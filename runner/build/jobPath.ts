/** Where a job's folder is on its host. */
export function jobPath(work: string, id: string): string {
  return `${work}/jobs/${id}`
}
