/** Something that a cleanup took away, or would take. */

export interface Removed {
  kind: 'job' | 'build' | 'package' | 'source' | 'log' | 'leftover'
  name: string
  bytes: number
}
