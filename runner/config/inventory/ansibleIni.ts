/**
 * Ansible's INI inventories. No INI library reads them: a line of a group is a host with any number of key=value
 * pairs in shell quoting, or a range of hosts, and libraries take it for one key; nor do they say where a line stands.
 */
import type { BuildStackError, Location } from '../../errors.ts'
import { configFault, throwFaults } from '../faults.ts'
import { suggestion } from '../suggest.ts'
import { type AnsibleInventory, addGroup, addHost, UNGROUPED } from './ansibleInventory.ts'
import { hostNames } from './hostRange.ts'
import { shellWords } from './shellWords.ts'

type Part = 'hosts' | 'vars' | 'children'

/** Adds a file to the inventory. Throws CONFIG with all faults of the file. */
export function readAnsibleIni(text: string, file: string, inventory: AnsibleInventory): void {
  const faults: BuildStackError[] = []
  /** Groups that a section or a list of children names, with where: they may be defined further down. */
  const mentioned: { group: string; location: Location }[] = []
  const defined = new Set(inventory.groups.keys())
  let group = UNGROUPED
  let part: Part = 'hosts'

  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim()
    const indent = raw.length - raw.trimStart().length
    const at = (offset: number): Location => ({ file, line: index + 1, column: indent + offset + 1 })
    const fault = (message: string, offset = 0, next?: string) =>
      void faults.push(configFault(message, at(offset), next === undefined ? {} : { next }))
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue

    if (line.startsWith('[')) {
      const [, name, kind = 'hosts'] = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/.exec(line) ?? []
      if (name === undefined) {
        fault('this is no section: it is written [GROUP], [GROUP:vars] or [GROUP:children]')
      } else if (kind !== 'hosts' && kind !== 'vars' && kind !== 'children') {
        const hint = suggestion(kind, ['vars', 'children'], 'there are')
        fault(`unknown section [${name}:${kind}]${hint}`, name.length + 2)
      } else {
        group = name
        part = kind
        if (part === 'vars') mentioned.push({ group, location: at(1) })
        else defined.add(group)
        addGroup(inventory, group)
      }
    } else if (part === 'children') {
      const child = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line)?.[1]
      if (child === undefined) fault('expected the name of a group')
      else {
        addGroup(inventory, group).children.set(child, at(0))
        addGroup(inventory, child)
        mentioned.push({ group: child, location: at(0) })
      }
    } else if (part === 'vars') {
      const equals = line.indexOf('=')
      const name = line.slice(0, equals).trim()
      if (equals < 1 || name === '') fault('expected key=value')
      else
        addGroup(inventory, group).variables.set(name, {
          value: plain(line.slice(equals + 1)),
          location: at(0),
        })
    } else {
      readHostLine(line, { group, inventory, at, fault })
    }
  }
  for (const { group: name, location } of mentioned) {
    if (defined.has(name)) continue
    faults.push(configFault(`there is no group "${name}"${suggestion(name, defined, 'there are')}`, location))
  }
  throwFaults(faults)
}

interface HostLine {
  group: string
  inventory: AnsibleInventory
  at: (offset: number) => Location
  fault: (message: string, offset?: number, next?: string) => void
}

function readHostLine(line: string, { group, inventory, at, fault }: HostLine): void {
  const { words, open } = shellWords(line)
  const [first, ...pairs] = words
  if (open !== undefined) fault('a quote is not closed in this line', open)
  if (open !== undefined || !first) return
  const found = hostNames(first.text)
  if ('problem' in found) fault(found.problem, first.offset)
  for (const name of 'problem' in found ? [] : found.names) {
    const host = addHost(inventory, name, group, at(first.offset))
    if ('port' in found && found.port !== undefined) {
      host.variables.set('ansible_port', { value: found.port, location: at(first.offset) })
    }
    for (const { text, offset } of pairs) {
      const equals = text.indexOf('=')
      if (equals < 1) continue
      host.variables.set(text.slice(0, equals), {
        value: plain(text.slice(equals + 1)),
        location: at(offset),
      })
    }
  }
  for (const { text, offset } of pairs) {
    if (text.indexOf('=') < 1)
      fault(`expected key=value, got "${text}"`, offset, 'Put a value with blanks in quotes.')
  }
}

/** A value in quotes, or a number, may have a comment after it; in any other a # is part of the value. */
function plain(text: string): string {
  const [, number, single, double] = /^(\d+|'([^'\\]*)'|"([^"\\]*)")\s*(?:#.*)?$/.exec(text.trim()) ?? []
  return single ?? double ?? number ?? text.trim()
}
