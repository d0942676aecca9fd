/**
 * A service of the repository as a manifest that can be imported again. Pure.
 * Read in illumos: svccfg/svccfg_libscf.c (lscf_service_export).
 */

import { DTD_SYSTEM_ID } from '../../serviceBundle/dtd.ts'
import {
  type Groups,
  own,
  type Property,
  type PropertyGroup,
  type Service,
  value,
  values,
} from './repository.ts'

interface Node {
  name: string
  attributes: Record<string, string | undefined>
  children?: Node[]
  text?: string
}

/** Groups that are set in the service or instance that a dependent's FMRI names. */
export type TargetLookup = (fmri: string) => Groups | undefined

export function exportService(name: string, service: Service, lookup: TargetLookup): string {
  const bundle: Node = {
    name: 'service_bundle',
    attributes: { type: 'manifest', name: 'export' },
    children: [
      {
        name: 'service',
        attributes: { name, type: 'service', version: '0' },
        children: serviceChildren(service, lookup),
      },
    ],
  }
  return `<?xml version='1.0'?>\n<!DOCTYPE service_bundle SYSTEM '${DTD_SYSTEM_ID}'>\n${render(bundle, 0)}`
}

function serviceChildren(service: Service, lookup: TargetLookup): Node[] {
  const { groups, instances } = service
  const parts = split(groups)
  const simple = own(instances, 'default') && isBare(instances.default?.groups ?? {})
  const nodes: Node[] = []
  if (simple)
    nodes.push({
      name: 'create_default_instance',
      attributes: { enabled: value(instances.default?.groups ?? {}, 'general', 'enabled') ?? 'false' },
    })
  if (value(groups, 'general', 'single_instance') === 'true')
    nodes.push({ name: 'single_instance', attributes: {} })
  nodes.push(...entityNodes(groups, parts, lookup))
  for (const [instance, { groups: inner }] of Object.entries(instances)) {
    if (simple && instance === 'default') continue
    const enabled = value(inner, 'general', 'enabled') ?? 'false'
    const children = [...entityNodes(inner, split(inner), lookup), ...template(inner)]
    nodes.push({ name: 'instance', attributes: { name: instance, enabled }, children })
  }
  const stability = value(groups, 'general', 'entity_stability')
  if (stability !== undefined) nodes.push({ name: 'stability', attributes: { value: stability } })
  return [...nodes, ...template(groups)]
}

/** An instance that only says whether it is enabled. */
function isBare(groups: Groups): boolean {
  return Object.entries(groups).every(
    ([name, group]) =>
      group.nonPersistent || (name === 'general' && Object.keys(group.properties).join() === 'enabled'),
  )
}

interface Parts {
  dependencies: [string, PropertyGroup][]
  methods: [string, PropertyGroup][]
  others: [string, PropertyGroup][]
}

const SPECIAL = new Set(['general', 'method_context', 'dependents', 'manifestfiles'])

function split(groups: Groups): Parts {
  const entries = Object.entries(groups).filter(([, group]) => !group.nonPersistent)
  const isExternal = (group: PropertyGroup) => own(group.properties, 'external')?.values[0] === 'true'
  return {
    dependencies: entries.filter(([, g]) => g.type === 'dependency' && !isExternal(g)),
    methods: entries.filter(([, g]) => g.type === 'method'),
    others: entries.filter(
      ([name, g]) =>
        !SPECIAL.has(name) && g.type !== 'dependency' && g.type !== 'method' && g.type !== 'template',
    ),
  }
}

function entityNodes(groups: Groups, parts: Parts, lookup: TargetLookup): Node[] {
  const restarter = value(groups, 'general', 'restarter')
  const nodes: Node[] = []
  if (restarter !== undefined) nodes.push({ name: 'restarter', attributes: {}, children: [fmri(restarter)] })
  for (const [name, group] of parts.dependencies) nodes.push(dependency(name, group))
  for (const [name, { values: targets }] of Object.entries(own(groups, 'dependents')?.properties ?? {}))
    nodes.push(...targets.map((target) => dependent(name, target, own(lookup(target) ?? {}, name))))
  const context = own(groups, 'method_context')
  if (context) nodes.push(...contextNode(context))
  for (const [name, group] of parts.methods) nodes.push(method(name, group))
  for (const [name, group] of parts.others)
    nodes.push({
      name: 'property_group',
      attributes: { name, type: group.type },
      children: properties(group, []),
    })
  return nodes
}

function dependent(name: string, target: string, group: PropertyGroup | undefined): Node {
  const grouping = (group && first(group, 'grouping')) ?? 'optional_all'
  const restartOn = (group && first(group, 'restart_on')) ?? 'none'
  return {
    name: 'dependent',
    attributes: { name, grouping, restart_on: restartOn },
    children: [fmri(target)],
  }
}

function fmri(value: string): Node {
  return { name: 'service_fmri', attributes: { value } }
}

function first(group: PropertyGroup, name: string): string | undefined {
  return own(group.properties, name)?.values[0]
}

function dependency(name: string, group: PropertyGroup): Node {
  const known = ['grouping', 'restart_on', 'type', 'entities']
  return {
    name: 'dependency',
    attributes: {
      name,
      grouping: first(group, 'grouping'),
      restart_on: first(group, 'restart_on'),
      type: first(group, 'type'),
    },
    children: [...(own(group.properties, 'entities')?.values ?? []).map(fmri), ...properties(group, known)],
  }
}

const CREDENTIALS = ['user', 'group', 'supp_groups', 'privileges', 'limit_privileges']
const CONTEXT = ['working_directory', 'project', 'resource_pool', 'security_flags']
const CONTEXT_PROPERTIES = [...CREDENTIALS, ...CONTEXT, 'use_profile', 'profile', 'environment']

function contextNode(group: PropertyGroup): Node[] {
  if (!CONTEXT_PROPERTIES.some((name) => own(group.properties, name))) return []
  const children: Node[] = []
  const attributes = (names: string[]) => Object.fromEntries(names.map((name) => [name, first(group, name)]))
  if (first(group, 'use_profile') === 'true')
    children.push({ name: 'method_profile', attributes: { name: first(group, 'profile') } })
  else if (first(group, 'user') !== undefined)
    children.push({ name: 'method_credential', attributes: attributes(CREDENTIALS) })
  const environment = values({ group }, 'group', 'environment') ?? []
  if (environment.length > 0)
    children.push({ name: 'method_environment', attributes: {}, children: environment.map(variable) })
  return [{ name: 'method_context', attributes: attributes(CONTEXT), children }]
}

function variable(text: string): Node {
  const equals = text.indexOf('=')
  return { name: 'envvar', attributes: { name: text.slice(0, equals), value: text.slice(equals + 1) } }
}

function method(name: string, group: PropertyGroup): Node {
  return {
    name: 'exec_method',
    attributes: {
      name,
      type: first(group, 'type') ?? 'method',
      exec: first(group, 'exec'),
      timeout_seconds: first(group, 'timeout_seconds') ?? '0',
    },
    children: [
      ...contextNode(group),
      ...properties(group, ['type', 'exec', 'timeout_seconds', ...CONTEXT_PROPERTIES]),
    ],
  }
}

function properties(group: PropertyGroup, leaveOut: string[]): Node[] {
  const stability = first(group, 'stability')
  const head: Node[] =
    stability === undefined ? [] : [{ name: 'stability', attributes: { value: stability } }]
  const rest = Object.entries(group.properties).filter(
    ([name]) => name !== 'stability' && !leaveOut.includes(name),
  )
  return [...head, ...rest.map(([name, property]) => propertyNode(name, property))]
}

function propertyNode(name: string, { type, values: list }: Property): Node {
  const [value, ...more] = list
  if (value !== undefined && more.length === 0) return { name: 'propval', attributes: { name, type, value } }
  const nodes = list.map((v): Node => ({ name: 'value_node', attributes: { value: v } }))
  const children = nodes.length === 0 ? [] : [{ name: `${type}_list`, attributes: {}, children: nodes }]
  return { name: 'property', attributes: { name, type }, children }
}

function template(groups: Groups): Node[] {
  const texts = (group: string): Node[] =>
    Object.entries(own(groups, group)?.properties ?? {}).map(([language, { values: list }]) => ({
      name: 'loctext',
      attributes: { 'xml:lang': language },
      text: list[0] ?? '',
    }))
  if (!own(groups, 'tm_common_name')) return []
  const children: Node[] = [{ name: 'common_name', attributes: {}, children: texts('tm_common_name') }]
  if (own(groups, 'tm_description'))
    children.push({ name: 'description', attributes: {}, children: texts('tm_description') })
  const documents = Object.entries(groups).flatMap(([name, group]): Node[] => {
    const attributes = Object.fromEntries(
      Object.entries(group.properties).map(([key, p]) => [key, p.values[0]]),
    )
    if (name.startsWith('tm_man_')) return [{ name: 'manpage', attributes }]
    return name.startsWith('tm_doc_') ? [{ name: 'doc_link', attributes }] : []
  })
  if (documents.length > 0) children.push({ name: 'documentation', attributes: {}, children: documents })
  return [{ name: 'template', attributes: {}, children }]
}

function render(node: Node, depth: number): string {
  const indent = '  '.repeat(depth)
  const attributes = Object.entries(node.attributes)
    .flatMap(([name, value]) => (value === undefined ? [] : [` ${name}='${xmlText(value)}'`]))
    .join('')
  const open = `${indent}<${node.name}${attributes}`
  if (node.text !== undefined) return `${open}>${xmlText(node.text)}</${node.name}>\n`
  if (!node.children || node.children.length === 0) return `${open}/>\n`
  return `${open}>\n${node.children.map((c) => render(c, depth + 1)).join('')}${indent}</${node.name}>\n`
}

function xmlText(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;' }
  return text.replace(/[&<>']|[\t\n\r]/g, (c) => names[c] ?? `&#${c.charCodeAt(0)};`)
}
