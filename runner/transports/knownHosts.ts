/**
 * known_hosts as data: what its lines say, whether a host key is the known one, and the line that makes it
 * known. Pure; hostKeys.ts reads and writes the files.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { matchesPattern } from './hostPattern.ts'

export interface KnownHost {
  file: string
  /** Counts from 1. */
  line: number
  marker: 'revoked' | 'cert-authority' | undefined
  /** The first field as written: names and patterns with commas, or one hashed name. */
  hosts: string
  /** As in the key itself: ssh-ed25519, ssh-rsa, ... */
  type: string
  key: Buffer
}

export type HostKeyVerdict =
  | { state: 'known' }
  /** `others` are this host's keys of other types, which the host no longer offers. */
  | { state: 'unknown'; others: KnownHost[] }
  | { state: 'changed'; entry: KnownHost }
  | { state: 'revoked'; entry: KnownHost }

/** The lines that can be understood. Comments, SSH 1 keys and damaged lines say nothing, as for ssh. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const entry = parseLine(line.trim(), file, index + 1)
    return entry === undefined ? [] : [entry]
  })
}

function parseLine(text: string, file: string, line: number): KnownHost | undefined {
  if (text === '' || text.startsWith('#')) return undefined
  const fields = text.split(/[ \t]+/)
  const marker = fields[0]?.startsWith('@') ? fields.shift()?.slice(1) : undefined
  if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return undefined
  const [hosts, type, base64] = fields
  if (hosts === undefined || type === undefined || base64 === undefined) return undefined
  const key = Buffer.from(base64, 'base64')
  return keyType(key) === type ? { file, line, marker, hosts, type, key } : undefined
}

/** The type that a public key in wire format begins with, or undefined for something else. */
export function keyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined
  const length = key.readUInt32BE(0)
  return length > 0 && key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : undefined
}

/** The name that known_hosts has for an address and port. */
export function knownHostName(address: string, port: number): string {
  return (port === 22 ? address : `[${address}]:${port}`).toLowerCase()
}

/** Whether one of a line's names, patterns or hashes is the name; a !pattern that fits rules the line out. */
export function namesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return hashedNameIs(hosts, name)
  let named = false
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!')
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue
    if (negated) return false
    named = true
  }
  return named
}

function hashedNameIs(hashed: string, name: string): boolean {
  const [, , salt = '', digest = ''] = hashed.split('|')
  const wanted = Buffer.from(digest, 'base64')
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return wanted.length === found.length && timingSafeEqual(wanted, found)
}

/** The types of key that are known for a name, in the order of the files: what to ask the host for first. */
export function knownKeyTypes(entries: KnownHost[], names: string[]): string[] {
  return [...new Set(trusted(entries, names).map((entry) => entry.type))]
}

/**
 * What known_hosts says about a key. The first name is the host's own; the further ones (the address without
 * its port) can make a key known but not make it look changed, as with ssh.
 */
export function judgeHostKey(entries: KnownHost[], names: string[], key: Buffer): HostKeyVerdict {
  const revoked = entries.find(
    (entry) =>
      entry.marker === 'revoked' && entry.key.equals(key) && names.some((n) => namesHost(entry.hosts, n)),
  )
  if (revoked) return { state: 'revoked', entry: revoked }
  if (trusted(entries, names).some((entry) => entry.key.equals(key))) return { state: 'known' }
  const own = trusted(entries, names.slice(0, 1))
  const type = keyType(key)
  const changed = own.find((entry) => entry.type === type)
  return changed ? { state: 'changed', entry: changed } : { state: 'unknown', others: own }
}

// A certificate authority's key is no host's own key: such lines make nothing known and nothing changed.
function trusted(entries: KnownHost[], names: string[]): KnownHost[] {
  return entries.filter(
    (entry) => entry.marker === undefined && names.some((name) => namesHost(entry.hosts, name)),
  )
}

/** The line, without newline, that makes a key known. */
export function knownHostLine(name: string, key: Buffer): string {
  return `${name} ${keyType(key)} ${key.toString('base64')}`
}

/** As ssh shows it: SHA256 and base64 without padding. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}
