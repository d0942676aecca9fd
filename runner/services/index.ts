/** The supervisors that a host can have. To add one: a file beside this one, a line here, its sign in probe/. */
import type { Facts } from '../probe/facts.ts'
import { daemontools } from './daemontools.ts'
import { smf } from './smf.ts'
import type { Supervisor } from './supervisor.ts'

export const supervisors: Record<NonNullable<Facts['supervisor']>, Supervisor> = { smf, daemontools }
