/** Something that a cleanup took away, or would take. */

export interface Removed {
  kind: 'job' | 'package' | 'source' | 'log' | 'leftover'
  name: string
  bytes: number
}
