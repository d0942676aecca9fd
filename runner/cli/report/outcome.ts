/** What became of a recipe, in words. */
import type { ActionKind } from '../../plan/plan.ts'

/** "installed", "upgraded from 1.6.17": after a recipe's name and version. */
export function outcome(kind: ActionKind, installed: string | undefined): string {
  switch (kind) {
    case 'keep':
      return 'up to date'
    case 'install':
      return 'installed'
    case 'upgrade':
      return `upgraded from ${installed}`
    case 'downgrade':
      return `downgraded from ${installed}`
    case 'rebuild':
      return 'rebuilt'
    case 'relink':
      return 'rebuilt'
    case 'repair':
      return 'repaired'
    case 'update':
      return 'updated'
    case 'rollback':
      return installed ? `back from ${installed}` : 'back'
    case 'remove':
      return 'removed'
    case 'adopt':
      return 'taken into the records'
    case 'start':
      return 'started'
    case 'stop':
      return 'stopped'
    case 'restart':
      return 'restarted'
    case 'refresh':
      return 'refreshed'
  }
}
