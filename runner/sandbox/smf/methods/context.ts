/**
 * The context of a method: what it says of its account, folder and environment, and whether this world has that.
 * Read in illumos: librestart.c (restarter_get_method_context, get_ids, get_uid, get_gid, get_groups, lookup_pwd,
 * restarter_set_method_context) and startd/method.c (exec_method).
 */
import { type Account, findAccount, requireGroup } from '../../accounts.ts'
import type { SpawnInWorld } from '../../world.ts'
import { type Groups, own, value, values } from '../repository.ts'
import { statInWorld } from '../worldFiles.ts'
import { unknownPrivilege } from './privileges.ts'

export interface MethodContext {
  /** Something is said somewhere. If not, a method runs as init would have it: as root, in /. */
  given: boolean
  /** As method_credential has them; undefined without one: root. */
  credential: Credential | undefined
  /** Undefined, :default and :home are the home of its account. */
  workingDirectory: string | undefined
  /** NAME=value */
  environment: string[]
}

interface Credential {
  user: string | undefined
  group: string
  supplementaryGroups: string
  privileges: string
  limitPrivileges: string
}

const DEFAULT = ':default'

/** Each property of the method's own group; what is not there, of the group method_context. */
export function readContext(groups: Groups, method: string): MethodContext {
  const said = (name: string) => values(groups, method, name) ?? values(groups, 'method_context', name)
  const first = (name: string) => said(name)?.[0]
  return {
    given:
      own(groups, 'method_context') !== undefined ||
      ['environment', 'use_profile', 'working_directory', 'project', 'resource_pool'].some(said),
    credential: first('use_profile') === 'false' ? credential(groups, method) : undefined,
    workingDirectory: first('working_directory'),
    environment: said('environment') ?? [],
  }
}

/** use_profile tells that there is one: in the method's group, or only in method_context, which then has all of it. */
function credential(groups: Groups, method: string): Credential {
  const hasOwn = values(groups, method, 'use_profile') !== undefined
  const said = (name: string) =>
    (hasOwn ? value(groups, method, name) : undefined) ?? value(groups, 'method_context', name)
  return {
    user: said('user'),
    group: said('group') ?? DEFAULT,
    supplementaryGroups: said('supp_groups') ?? DEFAULT,
    privileges: said('privileges') ?? DEFAULT,
    limitPrivileges: said('limit_privileges') ?? DEFAULT,
  }
}

/** Account, group and folder that a method runs with. Supplementary groups and privileges are checked, not given. */
export type Resolved = Pick<SpawnInWorld, 'cwd' | 'user' | 'group'>

/** What svc.startd logs instead of running the method; then it tries no more. */
export interface Unusable {
  problem: string
}

export function resolveContext(root: string, context: MethodContext): Resolved | Unusable {
  if (!context.given) return { cwd: '/' }
  const { credential, workingDirectory } = context
  const identity = credential ? identify(root, credential) : { uid: 0 }
  if ('problem' in identity) return identity
  const { user, group } = identity
  const account = findAccount(root, String(identity.uid))
  const isHome = workingDirectory === undefined || [DEFAULT, ':home'].includes(workingDirectory)
  if (isHome && !account) return { problem: 'Could not get passwd entry.' }
  const cwd = isHome ? (account?.home ?? '/') : workingDirectory
  return { cwd, ...(user === undefined ? {} : { user }), ...(group === undefined ? {} : { group }) }
}

interface Identity extends Pick<Resolved, 'user' | 'group'> {
  uid: number
}

const UID_MAX = 2147483647
const [ENOENT, EINVAL] = [2, 22]

function identify(root: string, credential: Credential): Identity | Unusable {
  const { user, group, supplementaryGroups } = credential
  if (user === undefined) return { problem: 'Could not get "user" property.' }
  const uid = uidOf(user, findAccount(root, user))
  if ('error' in uid) return { problem: `${uninterpretable('user', user).slice(0, -1)}, error ${uid.error}.` }
  if (group !== DEFAULT && !isGroup(root, group)) return { problem: uninterpretable('group', group) }
  if (group === DEFAULT && !findAccount(root, String(uid.number)))
    return { problem: `No passwd entry for uid "${uid.number}".` }
  if (supplementaryGroups !== DEFAULT && !groupList(supplementaryGroups).every((name) => isGroup(root, name)))
    return {
      problem: `Could not interpret supplemental groups ("supp_groups") property value "${groupList(supplementaryGroups)[0]}".`,
    }
  for (const [name, list] of [
    ['privileges', credential.privileges],
    ['limit_privileges', credential.limitPrivileges],
  ] as const)
    if (list !== DEFAULT && unknownPrivilege(list) !== undefined)
      return { problem: uninterpretable(name, list) }
  return { uid: uid.number, user: String(uid.number), ...(group === DEFAULT ? {} : { group }) }
}

function uninterpretable(property: string, text: string): string {
  return `Could not interpret "${property}" property value "${text}".`
}

/** A number needs no account; what begins with a digit and is none is nobody's. */
function uidOf(user: string, account: Account | undefined): { number: number } | { error: number } {
  if (!/^\d/.test(user)) return account ? { number: account.uid } : { error: ENOENT }
  return /^\d+$/.test(user) && Number(user) <= UID_MAX ? { number: Number(user) } : { error: EINVAL }
}

function isGroup(root: string, name: string): boolean {
  if (/^\d/.test(name)) return /^\d+$/.test(name)
  try {
    requireGroup(root, name)
    return true
  } catch {
    return false
  }
}

/** Between them commas, blanks, or both. */
function groupList(text: string): string[] {
  return text.split(/[ \t]*[, \t][ \t]*/).filter((name) => name !== '')
}

/** Why the process cannot go to its folder; found out by the child that is to become the method. */
export function folderFault(root: string, { cwd }: Resolved): string | undefined {
  const found = statInWorld(root, cwd)
  if (!found) return `chdir: No such file or directory ("${cwd}")`
  return found.isDirectory() ? undefined : `chdir: Not a directory ("${cwd}")`
}
