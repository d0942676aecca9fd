/** What is wrong with a manifest that a recipe brings itself. Everything that a made one has by itself is asked for. */
import { NAMESPACE } from '../services/smfNames.ts'
import { DTD_SYSTEM_ID, SERVICE_BUNDLE_DTD } from './dtd.ts'
import { type Document, type Element, type Parsed, withDocument } from './xml.ts'

export interface ManifestFault {
  line: number
  column: number
  message: string
}

/** `name`: of the service in the recipe. The first fault of a kind hides those that only follow from it. */
export function manifestFaults(text: string, name: string): Promise<ManifestFault[]> {
  return withDocument(Buffer.from(text), (parsed) => faultsOf(parsed, name))
}

function faultsOf(parsed: Parsed, name: string): ManifestFault[] {
  if ('faults' in parsed) {
    const [first] = parsed.faults
    const { line = 1, column = 1, message = 'the document is empty' } = first ?? {}
    return [{ line, column, message: `not well-formed XML: ${message}` }]
  }
  const { document } = parsed
  if (document.systemId !== DTD_SYSTEM_ID) {
    const message = `its document type must be <!DOCTYPE service_bundle SYSTEM "${DTD_SYSTEM_ID}">: svccfg compares it letter by letter`
    return [{ line: 1, column: 1, message }]
  }
  const invalid = document.validate(SERVICE_BUNDLE_DTD)
  if (invalid.length > 0)
    return invalid.map(({ line, column, element, message }) => ({
      ...{ line, column },
      message: `not valid by SMF's DTD: element ${element}: ${message}`,
    }))
  return serviceFaults(document, name)
}

function serviceFaults({ root }: Document, name: string): ManifestFault[] {
  const wanted = `${NAMESPACE}/${name}`
  const services = root.children.filter((child) => child.name === 'service')
  const [service] = services
  if (root.name !== 'service_bundle' || root.attributes.type !== 'manifest')
    return [at(root, 'its root must be <service_bundle type="manifest">')]
  if (!service || services.length > 1 || service.attributes.name !== wanted) {
    const found = services.map(({ attributes }) => attributes.name).join(', ') || 'none'
    return [at(service ?? root, `it must define the service ${wanted} and no other, and defines ${found}`)]
  }
  return [...instanceFaults(service), ...methodFaults(service)]
}

/** build-stack starts it after the import, when it is known whether an administrator had disabled it. */
function instanceFaults(service: Element): ManifestFault[] {
  const instances = service.children.filter((child) =>
    ['create_default_instance', 'instance'].includes(child.name),
  )
  const others = instances.filter((child) => child.name === 'instance' && child.attributes.name !== 'default')
  const [first] = instances
  if (!first || instances.length > 1 || others.length > 0)
    return [at(others[0] ?? first ?? service, 'it must have the instance "default" and no other')]
  if (first.attributes.enabled === 'false') return []
  return [at(first, 'its instance must be enabled="false": build-stack enables it after the import')]
}

function methodFaults(service: Element): ManifestFault[] {
  const instances = service.children.filter((child) => child.name === 'instance')
  const methods = [service, ...instances].flatMap(({ children }) =>
    children.filter((child) => child.name === 'exec_method').map(({ attributes }) => attributes.name),
  )
  return ['start', 'stop'].flatMap((method) =>
    methods.includes(method) ? [] : [at(service, `it has no ${method} method`)],
  )
}

function at({ line }: Element, message: string): ManifestFault {
  return { line, column: 1, message }
}
