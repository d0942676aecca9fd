/**
 * Reads a manifest: parse, DOCTYPE, DTD, then its services. Throws ManifestRefused with svccfg's words.
 * Read in illumos: svccfg/svccfg_xml.c (lxml_get_bundle_file, lxml_get_bundle, lxml_get_service, lxml_get_instance).
 */

import { DTD_SYSTEM_ID, SERVICE_BUNDLE_DTD } from '../../../serviceBundle/dtd.ts'
import { type Document, type Element, withDocument, type XmlFault } from '../../../serviceBundle/xml.ts'
import { instanceFmri } from '../fmri.ts'
import type { Bundle, BundleInstance, BundleService } from './bundle.ts'
import { ManifestRefused } from './bundle.ts'
import {
  astring,
  boolean,
  findOrCreate,
  type Owner,
  readDependency,
  readDependent,
  readExecMethod,
  readGeneral,
  readMethodContext,
  readPropertyGroup,
  readTemplate,
  refuse,
} from './groups.ts'

export interface ReadOptions {
  /** The file's name as it was given, for messages. */
  path: string
  /** Its path in the world without links: what manifestfiles records. */
  realPath: string
  /** Another DTD (SVCCFG_DTD), or null for no validation (SVCCFG_NOVALIDATE). */
  dtd?: string | null
}

export function readManifest(bytes: Uint8Array, options: ReadOptions): Promise<Bundle> {
  return withDocument(bytes, (parsed) => {
    if ('faults' in parsed)
      throw new ManifestRefused("couldn't parse document", parserErrors(parsed.faults, bytes, options.path))
    checkDocument(parsed.document, options)
    const bundle: Bundle = { name: '', services: [] }
    readBundle(bundle, parsed.document.root, options)
    return bundle
  })
}

/** As libxml2 prints them, with the line and a mark below its place. */
function parserErrors(faults: XmlFault[], bytes: Uint8Array, name: string): string[] {
  if (faults.length === 0) return [`${name}:1: parser error : Document is empty`, '', '^']
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  return faults.flatMap(({ message, line, column }) => [
    `${name}:${line}: parser error : ${message}`,
    lines[line - 1] ?? '',
    `${' '.repeat(column - 1)}^`,
  ])
}

function checkDocument(document: Document, { dtd, path }: ReadOptions): void {
  if (document.systemId === undefined) refuse('document has no DTD')
  if (document.systemId !== DTD_SYSTEM_ID) refuse('document DTD unknown; not service bundle?')
  if (document.root.name !== 'service_bundle') refuse('document is not a service bundle')
  if (dtd === null) return
  const faults = document.validate(dtd ?? SERVICE_BUNDLE_DTD)
  if (faults.length === 0) return
  const printed = faults.map(
    ({ line, element, message }) => `${path}:${line}: element ${element}: validity error : ${message}`,
  )
  throw new ManifestRefused('Document is not valid.', printed)
}

function readBundle(bundle: Bundle, element: Element, options: ReadOptions): void {
  if (element.attributes.type !== 'manifest') refuse('document is not a manifest.')
  const name = element.attributes.name ?? ''
  if (name === '') refuse('service bundle lacks name attribute')
  bundle.name ||= name
  for (const child of element.children) {
    if (child.name === 'service_bundle') readBundle(bundle, child, options)
    if (child.name !== 'service') continue
    const service = readService(child, options)
    if (bundle.services.some((s) => s.name === service.name))
      refuse(`Multiple definitions for service ${service.name} in bundle ${bundle.name}.`)
    bundle.services.push(service)
  }
}

function readService(element: Element, options: ReadOptions): BundleService {
  const name = element.attributes.name ?? ''
  if (name.startsWith('svc:')) refuse(`invalid value "${name}": should be a bare service name`)
  const service: BundleService & Owner = {
    name,
    fmri: `svc:/${name}`,
    groups: {},
    dependents: [],
    instances: [],
  }
  const files = findOrCreate(service, 'manifestfiles', 'framework')
  files.properties[options.realPath.slice(1).replace(/[^A-Za-z0-9_-]/g, '_')] = astring(options.realPath)
  for (const child of element.children) {
    if (child.name === 'create_default_instance')
      addInstance(service, readInstance(service, 'default', child))
    else if (child.name === 'instance')
      addInstance(service, readInstance(service, child.attributes.name ?? '', child))
    else if (child.name === 'single_instance') readGeneral(service, 'single_instance', boolean(true))
    else if (child.name === 'stability')
      readGeneral(service, 'entity_stability', astring(child.attributes.value ?? 'External'))
    else readCommon(service, child)
  }
  return service
}

function addInstance(service: BundleService, instance: BundleInstance): void {
  if (service.instances.some((i) => i.name === instance.name))
    refuse(`Multiple definitions of entity ${instance.name} in service ${service.name}.`)
  service.instances.push(instance)
}

function readInstance(service: BundleService, name: string, element: Element): BundleInstance {
  const owner: Owner = { name, fmri: instanceFmri(service.name, name), groups: {}, dependents: [] }
  readGeneral(owner, 'enabled', boolean(element.attributes.enabled === 'true'))
  for (const child of element.children) readCommon(owner, child)
  return owner
}

function readCommon(owner: Owner, element: Element): void {
  if (element.name === 'restarter') {
    const values = [element.children[0]?.attributes.value ?? '']
    readGeneral(owner, 'restarter', { type: 'fmri', values })
  } else if (element.name === 'dependency') readDependency(owner, element)
  else if (element.name === 'dependent') readDependent(owner, element)
  else if (element.name === 'method_context') readMethodContext(owner, element)
  else if (element.name === 'exec_method') readExecMethod(owner, element)
  else if (element.name === 'property_group') readPropertyGroup(owner, element)
  else if (element.name === 'template') readTemplate(owner, element)
}
