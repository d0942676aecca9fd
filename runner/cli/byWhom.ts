/** Who works here, as hosts' locks and histories name him. */
import { hostname, userInfo } from 'node:os'

/** user@machine */
export function byWhom(): string {
  return `${userInfo().username}@${hostname()}`
}
