/** The accounts of a world, read from its /etc/passwd, /etc/group and /etc/shadow. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BuildStackError } from '../errors.ts'

export interface Account {
  name: string
  uid: number
  gid: number
  home: string
  shell: string
}

/** The account with this name or number, undefined when there is none. */
export function findAccount(root: string, nameOrNumber: string): Account | undefined {
  const rows = readRows(root, 'passwd')
  const row = rows.find((row) => row[0] === nameOrNumber) ?? rows.find((row) => row[2] === nameOrNumber)
  if (row === undefined) return undefined
  const [name = '', , uid, gid, , home, shell] = row
  return { name, uid: Number(uid), gid: Number(gid), home: home || '/', shell: shell || '/bin/sh' }
}

/** The account, or BuildStackError HOST. */
export function requireAccount(root: string, nameOrNumber: string): Account {
  const account = findAccount(root, nameOrNumber)
  if (account === undefined) throw new BuildStackError('HOST', `no account ${nameOrNumber} in /etc/passwd`)
  return account
}

/** Number of a group given by name or number, or BuildStackError HOST. */
export function requireGroup(root: string, nameOrNumber: string): number {
  const rows = readRows(root, 'group')
  const row = rows.find((row) => row[0] === nameOrNumber) ?? rows.find((row) => row[2] === nameOrNumber)
  if (row === undefined) throw new BuildStackError('HOST', `no group ${nameOrNumber} in /etc/group`)
  return Number(row[2])
}

/** Numbers of the groups that list the account, without its own. */
export function supplementaryGroups(root: string, name: string): number[] {
  return readRows(root, 'group')
    .filter((row) => row[3]?.split(',').includes(name))
    .map((row) => Number(row[2]))
}

/** A locked account (*LK*, as useradd leaves it) cannot log in; one without a password (NP) can, by key. */
export function isLocked(root: string, name: string): boolean {
  const password = readRows(root, 'shadow').find((row) => row[0] === name)?.[1]
  return password === undefined || password.startsWith('*LK*')
}

function readRows(root: string, database: 'passwd' | 'group' | 'shadow'): string[][] {
  return readDatabase(root, database)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))
}

/** A world without the file has no accounts: a reason to refuse a method or a login, not to end the server. */
function readDatabase(root: string, database: string): string {
  try {
    return readFileSync(join(root, 'etc', database), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
