/**
 * From a manifest's elements to property groups: methods, contexts, dependencies, templates and plain groups.
 * Read in illumos: svccfg/svccfg_xml.c (lxml_get_exec_method, lxml_get_method_context, lxml_get_envvar,
 * lxml_get_dependency, lxml_get_dependent, lxml_get_pgroup, lxml_get_template) and svccfg_internal.c.
 */

import type { Element } from '../../../serviceBundle/xml.ts'
import { isPropertyType, normalise, type PropertyType } from '../values.ts'
import { type BundleEntity, type BundleGroup, type BundleProperty, ManifestRefused } from './bundle.ts'

/** Where groups go, with the name that messages use. */
export interface Owner extends BundleEntity {
  name: string
  fmri: string
}

export function findOrCreate(owner: Owner, name: string, type: string): BundleGroup {
  const found = Object.hasOwn(owner.groups, name) ? owner.groups[name] : undefined
  if (found && found.type === type) return found
  if (found) refuse(`Multiple definitions of property group ${name} in entity ${owner.name}.`)
  const group: BundleGroup = { type, properties: {} }
  owner.groups[name] = group
  return group
}

export function attach(group: BundleGroup, groupName: string, name: string, property: BundleProperty): void {
  if (Object.hasOwn(group.properties, name))
    refuse(`Multiple definitions for property ${name} in property group ${groupName}.`)
  group.properties[name] = property
}

export function readPropertyGroup(owner: Owner, element: Element): void {
  const { name = '', type = '' } = element.attributes
  const group = findOrCreate(owner, name, type)
  readProperties(group, name, element)
  markDeleted(group, element)
}

export function readExecMethod(owner: Owner, element: Element): void {
  const { name = '', type = '', exec = '', timeout_seconds: timeout = '' } = element.attributes
  const group = findOrCreate(owner, name, 'method')
  attach(group, name, 'type', astring(type))
  attach(group, name, 'exec', astring(exec))
  const seconds = normalise('count', timeout.trimStart())
  if (seconds === undefined) refuse(`illegal value "${timeout}" for timeout_seconds (Illegal character)`)
  attach(group, name, 'timeout_seconds', { type: 'count', values: [seconds] })
  for (const child of element.children) if (child.name === 'method_context') readContext(group, name, child)
  readProperties(group, name, element)
  markDeleted(group, element)
}

export function readMethodContext(owner: Owner, element: Element): void {
  readContext(findOrCreate(owner, 'method_context', 'framework'), 'method_context', element)
}

function readContext(group: BundleGroup, name: string, element: Element): void {
  attachAttributes(group, name, element, ['working_directory', 'project', 'resource_pool', 'security_flags'])
  for (const child of element.children) {
    if (child.name === 'method_credential') {
      attach(group, name, 'use_profile', boolean(false))
      const credentials = ['user', 'group', 'supp_groups', 'privileges', 'limit_privileges']
      attachAttributes(group, name, child, credentials)
    } else if (child.name === 'method_profile') {
      attach(group, name, 'use_profile', boolean(true))
      attach(group, name, 'profile', astring(child.attributes.name ?? ''))
    } else if (child.name === 'method_environment') {
      attach(group, name, 'environment', { type: 'astring', values: child.children.map(variable) })
    }
  }
}

function variable({ attributes: { name = '', value = '' } }: Element): string {
  if (name === '' || name.includes('=')) refuse(`Invalid environment variable "${name}".`)
  if (name.startsWith('SMF_')) refuse(`Invalid environment variable "${name}"; "SMF_" prefix is reserved.`)
  return `${name}=${value}`
}

export function readDependency(owner: Owner, element: Element): void {
  const { name = '', type = '', restart_on = '', grouping = '' } = element.attributes
  const group = findOrCreate(owner, name, 'dependency')
  attach(group, name, 'type', astring(type))
  attach(group, name, 'restart_on', astring(restart_on))
  attach(group, name, 'grouping', astring(grouping))
  const values = element.children
    .filter((c) => c.name === 'service_fmri')
    .map((c) => c.attributes.value ?? '')
  attach(group, name, 'entities', { type: 'fmri', values: values.map((v) => checked('fmri', v)) })
  readProperties(group, name, element)
  markDeleted(group, element)
}

export function readDependent(owner: Owner, element: Element): void {
  const { name = '', restart_on = '', grouping = '', override } = element.attributes
  if (Object.hasOwn(owner.groups, name))
    refuse(`Property group and dependent of entity ${owner.name} have same name "${name}".`)
  if (owner.dependents.some((d) => d.name === name))
    refuse(`Multiple definitions of dependent ${name} in entity ${owner.name}.`)
  const target = element.children.find((c) => c.name === 'service_fmri')?.attributes.value ?? ''
  const group: BundleGroup = { type: 'dependency', properties: {} }
  attach(group, name, 'restart_on', astring(restart_on))
  attach(group, name, 'grouping', astring(grouping))
  attach(group, name, 'entities', { type: 'fmri', values: [owner.fmri] })
  attach(group, name, 'external', boolean(true))
  readProperties(group, name, element)
  if (!Object.hasOwn(group.properties, 'type')) attach(group, name, 'type', astring('service'))
  if (override === 'true') for (const property of Object.values(group.properties)) property.override = true
  markDeleted(group, element)
  owner.dependents.push({ name, target, group })
  const dependents = findOrCreate(owner, 'dependents', 'framework')
  attach(dependents, 'dependents', name, { type: 'fmri', values: [target] })
}

export function readGeneral(owner: Owner, name: string, property: BundleProperty): void {
  attach(findOrCreate(owner, 'general', 'framework'), 'general', name, property)
}

export function readTemplate(owner: Owner, element: Element): void {
  for (const child of element.children) {
    if (child.name === 'common_name') readTexts(owner, 'tm_common_name', child)
    else if (child.name === 'description') readTexts(owner, 'tm_description', child)
    else if (child.name === 'documentation') for (const entry of child.children) readDocument(owner, entry)
  }
}

function readTexts(owner: Owner, groupName: string, element: Element): void {
  const group = findOrCreate(owner, groupName, 'template')
  for (const { attributes, text } of element.children) {
    if (text === '') refuse(`loctext element has no content for "${owner.name}"`)
    const language = (attributes['xml:lang'] || 'unknown').replace(/[^A-Za-z0-9_-]/g, '_')
    attach(group, groupName, language, { type: 'ustring', values: [text.trim()] })
  }
}

function readDocument(owner: Owner, { name, attributes }: Element): void {
  const page = name === 'manpage'
  const label = page ? `tm_man_${attributes.title}` : `tm_doc_${attributes.name}`
  const groupName = label.replace(/[^A-Za-z0-9_-]/g, '_')
  const group = findOrCreate(owner, groupName, 'template')
  const names = page ? ['title', 'section', 'manpath'] : ['name', 'uri']
  const defaults: Record<string, string> = { manpath: ':default' }
  for (const key of names) attach(group, groupName, key, astring(attributes[key] ?? defaults[key] ?? ''))
}

/** propval and property children, and a stability. */
function readProperties(group: BundleGroup, groupName: string, element: Element): void {
  for (const child of element.children) {
    if (child.name === 'stability')
      attach(group, groupName, 'stability', astring(child.attributes.value ?? 'External'))
    if (child.name !== 'propval' && child.name !== 'property') continue
    const { name = '', type = '', value = '', override } = child.attributes
    if (name === '') refuse(`property name missing in group '${groupName}'`)
    if (!isPropertyType(type)) refuse(`property type invalid for property '${groupName}/${name}'`)
    const values = child.name === 'propval' ? [checked(type, value)] : listValues(child, name, type)
    attach(group, groupName, name, {
      type,
      values,
      ...(override === 'true' ? { override: true as const } : {}),
    })
  }
}

function listValues(element: Element, name: string, type: PropertyType): string[] {
  return element.children.flatMap((list) => {
    if (list.name !== `${type}_list`) refuse(`property '${name}' type-to-list mismatch`)
    return list.children.map((node) => checked(type, node.attributes.value ?? ''))
  })
}

function checked(type: PropertyType, text: string): string {
  const value = normalise(type, text)
  if (value !== undefined) return value
  if (type === 'boolean') refuse(`illegal boolean value "${text}"`)
  const reason = type === 'count' || type === 'integer' ? 'Illegal character' : 'Illegal format'
  return refuse(`illegal value "${text}" for ${type} (${reason})`)
}

function attachAttributes(group: BundleGroup, groupName: string, element: Element, names: string[]): void {
  for (const name of names) {
    const value = element.attributes[name]
    if (value !== undefined) attach(group, groupName, name, astring(value))
  }
}

function markDeleted(group: BundleGroup, element: Element): void {
  if (element.attributes.delete === 'true') group.delete = true
}

export function astring(value: string): BundleProperty {
  return { type: 'astring', values: [value] }
}

export function boolean(value: boolean): BundleProperty {
  return { type: 'boolean', values: [String(value)] }
}

export function refuse(message: string): never {
  throw new ManifestRefused(message)
}
