/** What is known of services: of a supervisor that does not answer nothing is, not even that one is absent. Pure. */
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'

/** As its supervisor has it; "absent" where that does not know it, "unknown" where it does not answer. */
export function shownState(
  fmri: string,
  { services, servicesUnknown }: Pick<Facts, 'services' | 'servicesUnknown'>,
): string {
  const found = services.find((service) => service.fmri === fmri)
  return found?.state ?? (servicesUnknown === undefined ? 'absent' : 'unknown')
}

/** @throws BuildStackError HOST where states are not known. */
export function requireStates(
  { servicesUnknown }: Pick<Facts, 'servicesUnknown'>,
  host: string,
  next: string,
): void {
  if (servicesUnknown === undefined) return
  throw new BuildStackError('HOST', `SMF does not answer: ${servicesUnknown}`, { host, next })
}
