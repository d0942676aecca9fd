/**
 * Which texts are values of the types of properties.
 * Read in illumos: svccfg/svccfg_internal.c and libscf (scf_value_set_from_string), scf_value_create(3SCF).
 */
import { PROPERTY_TYPES } from '../../serviceBundle/dtd.ts'

export type PropertyType = (typeof PROPERTY_TYPES)[number]

const U64 = 2n ** 64n
const I63 = 2n ** 63n

export function isPropertyType(text: string): text is PropertyType {
  return (PROPERTY_TYPES as readonly string[]).includes(text)
}

/**
 * The value as the repository keeps it, or undefined when the text is no value of the type.
 * A negative count is stored as C's strtoull leaves it: -1 becomes 18446744073709551615.
 */
export function normalise(type: PropertyType, text: string): string | undefined {
  switch (type) {
    case 'count':
      return normaliseCount(text)
    case 'integer': {
      if (!/^[+-]?\d+$/.test(text)) return undefined
      const value = BigInt(text)
      return value >= -I63 && value < I63 ? value.toString() : undefined
    }
    case 'boolean':
      return text === 'true' || text === '1' ? 'true' : text === 'false' || text === '0' ? 'false' : undefined
    case 'time':
      return /^-?\d+(\.\d{1,9})?$/.test(text) ? normaliseTime(text) : undefined
    case 'opaque':
      return /^([0-9A-Fa-f]{2})*$/.test(text) ? text : undefined
    case 'net_address_v4':
      return isAddressV4(text) ? text : undefined
    case 'net_address_v6':
      return isAddressV6(text) ? text : undefined
    case 'net_address':
      return isAddressV4(text) || isAddressV6(text) ? text : undefined
    case 'hostname':
      return isHostname(text) ? text : undefined
    case 'host':
      return isHostname(text) || isAddressV4(text) || isAddressV6(text) ? text : undefined
    case 'uri':
      return /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text) ? text : undefined
    case 'fmri':
      return /^(svc|file|lrc|pkg):/.test(text) || !text.includes(':') ? text : undefined
    case 'astring':
    case 'ustring':
      return text
  }
}

function normaliseCount(text: string): string | undefined {
  const match = /^([+-]?)(\d+)$/.exec(text)
  if (!match?.[2]) return undefined
  const value = BigInt(match[2])
  if (value >= U64) return undefined
  return match[1] === '-' && value > 0n ? (U64 - value).toString() : value.toString()
}

function normaliseTime(text: string): string {
  const [seconds = '0', fraction = ''] = text.split('.')
  return `${seconds}.${fraction.padEnd(9, '0')}`
}

/** A moment in milliseconds as a value of type time. */
export function timeValue(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const nanoseconds = Math.round((milliseconds - seconds * 1000) * 1e6)
  return `${seconds}.${String(nanoseconds).padStart(9, '0')}`
}

function isAddressV4(text: string): boolean {
  const parts = text.split('/')[0]?.split('.') ?? []
  return parts.length === 4 && parts.every((p) => /^\d{1,3}$/.test(p) && Number(p) < 256)
}

function isAddressV6(text: string): boolean {
  return /^[0-9A-Fa-f:.]+(\/\d{1,3})?$/.test(text) && text.includes(':')
}

function isHostname(text: string): boolean {
  return /^(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$/.test(text)
}
