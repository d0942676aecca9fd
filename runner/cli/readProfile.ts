/** A profile for sync and restore: found by its name, read, checked. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { throwFaults } from '../config/faults.ts'
import { parseText } from '../config/parseText.ts'
import { readText } from '../config/projectFiles.ts'
import { suggestion } from '../config/suggest.ts'
import { syncFaults } from '../config/syncFaults.ts'
import { BuildStackError } from '../errors.ts'
import { cacheFolder } from '../paths.ts'
import { withUsualPlaces } from '../s3/usualPlaces.ts'
import { type Profile, profileOf } from '../sync/profile.ts'
import { projectFolder } from './projectFolder.ts'

export interface ReadProfile {
  profile: Profile
  /** This machine and profile, as the records of objects name it. */
  me: string
  notes: string[]
}

/** Not through the copies of parsed files: a profile may hold a secret. @throws CONFIG, USAGE */
export async function readProfile(name: string, directory: string): Promise<ReadProfile> {
  const folder = projectFolder(directory)
  const { path, shown, profileName } = placeOf(name, folder)
  const { value, document } = parseText('sync', await readText(path, shown), shown)
  throwFaults(syncFaults(value, document))
  const notes =
    value.secret_access_key !== undefined && (statSync(path).mode & 0o077) !== 0
      ? [`${shown} has a secret, and others on this machine can read it: chmod 600 ${shown}`]
      : []
  const caches = cacheFolder('sync')
  const profile = profileOf(value, { name: profileName, folder: dirname(path), caches })
  const store = await withUsualPlaces(profile.store)
  return { profile: { ...profile, store }, me: `${clientName(caches)}/${profileName}`, notes }
}

function placeOf(name: string, folder: string): { path: string; shown: string; profileName: string } {
  const profileName = basename(name).replace(/\.ya?ml$/, '')
  if (name.includes('/') || /\.ya?ml$/.test(name)) return { path: resolve(name), shown: name, profileName }
  const shown = `sync/${name}.yaml`
  const path = join(folder, shown)
  if (existsSync(path)) return { path, shown, profileName }
  const names = existsSync(join(folder, 'sync'))
    ? readdirSync(join(folder, 'sync')).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? [])
    : []
  throw new BuildStackError('USAGE', `there is no profile "${name}"${suggestion(name, names, 'there are')}`, {
    next: `Write ${shown}, or give the path of a file.`,
  })
}

/** The same for as long as this machine's cache is there. */
function clientName(folder: string): string {
  const file = join(folder, 'client')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    // The first time.
  }
  const plain = hostname().replace(/[^A-Za-z0-9.-]/g, '-') || 'client'
  const name = `${plain}-${randomBytes(4).toString('hex')}`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, `${name}\n`, { flag: 'wx' })
    return name
  } catch {
    // Another run was first.
    return readFileSync(file, 'utf8').trim()
  }
}
