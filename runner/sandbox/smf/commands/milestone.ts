/**
 * svcadm milestone: what a milestone does not need is disabled until the next boot, or until 'all'.
 * Read in illumos: svcadm/svcadm.c (validate_milestone, set_milestone), svcadm(8).
 */
import { RESTARTER } from '../fmri.ts'
import { isEnabled, type Property } from '../repository.ts'
import type { Smf } from './command.ts'

export const MILESTONES = ['single-user', 'multi-user', 'multi-user-server'].map(
  (name) => `svc:/milestone/${name}:default`,
)

/** milestone is an FMRI, 'all', or 'none', which leaves nothing but the restarter. */
export function goToMilestone(smf: Smf, milestone: string, { lasting }: { lasting: boolean }): void {
  const { repository, startd } = smf
  const restarter = repository.instanceOf(RESTARTER)
  const value: Property = { type: 'astring', values: [milestone] }
  const group = lasting
    ? { name: 'options', type: 'application' }
    : ({ name: 'options_ovr', type: 'application', nonPersistent: true } as const)
  if (restarter) repository.set(restarter.groups, group, 'milestone', value)
  repository.changed()
  if (lasting) return
  const needed = new Set<string>([RESTARTER])
  if (milestone !== 'all' && milestone !== 'none') startd.graph.collectNeeds(milestone, needed)
  for (const { fmri, entity } of repository.instances()) {
    if (milestone === 'all' || needed.has(fmri)) delete entity.groups.general_ovr
    else if (isEnabled(entity.groups)) {
      const override = { name: 'general_ovr', type: 'framework', nonPersistent: true } as const
      repository.set(entity.groups, override, 'enabled', { type: 'boolean', values: ['false'] })
    } else continue
    startd.enabledChanged(fmri)
  }
}
