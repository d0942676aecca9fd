/** Services of the receipts that do not run. Pure. */
import { daemontoolsName } from '../services/daemontoolsNames.ts'
import type { Finding, VerifyContext } from './findings.ts'

export function serviceFindings({ facts, leftDisabled }: VerifyContext): Finding[] {
  const { servicesUnknown } = facts
  return Object.values(facts.receipts).flatMap(({ recipe, services }) =>
    services.flatMap(({ fmri, manifest }): Finding[] => {
      const at = { kind: 'service', recipe, path: fmri } as const
      const found = facts.services.find((service) => service.fmri === fmri)
      if (!facts.supervisor) return [{ ...at, message: 'this host has no supervisor any more' }]
      if (servicesUnknown !== undefined) {
        return [
          {
            ...at,
            message: `its state is not known: SMF does not answer (${servicesUnknown})`,
            next: 'see on the host why svcs does not answer',
          },
        ]
      }
      if (!found) {
        return daemontoolsName(fmri) === undefined
          ? [{ ...at, message: 'SMF does not know it', next: `svccfg import ${manifest}` }]
          : [
              {
                ...at,
                message: 'svscan does not see it',
                next: `link ${manifest} into the folder that svscan watches`,
              },
            ]
      }
      const { state, nextState } = found
      if (state === 'online' || (state === 'disabled' && leftDisabled.has(fmri))) return []
      const moving = nextState !== '-' && nextState !== '' ? `, on its way to ${nextState}` : ''
      return [{ ...at, message: `is ${state}${moving}`, next: remedy(state, fmri) }]
    }),
  )
}

function remedy(state: string, fmri: string): string {
  const name = daemontoolsName(fmri)
  if (name !== undefined) {
    if (state === 'disabled') return `svc -u ${name} in the folder that svscan watches`
    return state === 'offline'
      ? `read the end of var/log/${name}/current`
      : 'start svscan, or see why it does not run'
  }
  if (state === 'disabled') return `svcadm enable ${fmri}`
  return state === 'maintenance' ? `svcs -x ${fmri}; then svcadm clear ${fmri}` : `svcs -x ${fmri}`
}
