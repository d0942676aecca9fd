/**
 * XML by libxml2, the library of the real svccfg, so that what is well formed and valid is decided as there.
 * For the manifests that recipes bring, and for those that the sandbox gets.
 * The only importer of libxml2-wasm (1.3 MB, loaded when the first document comes).
 */

export interface Element {
  name: string
  attributes: Record<string, string>
  children: Element[]
  /** Text directly inside. */
  text: string
  line: number
}

export interface Document {
  root: Element
  /** System id of the DOCTYPE; null for a DOCTYPE without one, undefined without DOCTYPE. */
  systemId: string | null | undefined
  /** Faults by the DTD. */
  validate(dtd: string): XmlFault[]
}

/** In libxml2's own words. */
export interface XmlFault {
  /** From 1. */
  line: number
  column: number
  /** Name of the element that it is about; "" where the document is not well formed. */
  element: string
  message: string
}

/** No faults for a document that is empty. */
export type Parsed = { document: Document } | { faults: XmlFault[] }

type Library = typeof import('libxml2-wasm')
type LibraryDocument = InstanceType<Library['XmlDocument']>
type LibraryElement = InstanceType<Library['XmlElement']>
interface Detail {
  message: string
  line: number
  col: number
  xpath?: string
}

let loading: Promise<Library> | undefined

/** Calls use with the parsed document, which lives only until it returns. */
export async function withDocument<T>(bytes: Uint8Array, use: (p: Parsed) => T): Promise<T> {
  loading ??= import('libxml2-wasm')
  const library = await loading
  let document: LibraryDocument
  try {
    document = library.XmlDocument.fromBuffer(bytes, {
      option: library.ParseOption.XML_PARSE_NONET,
    })
  } catch (error) {
    return use({ faults: faultsOf(error) })
  }
  try {
    return use({
      document: {
        root: element(library, document.root),
        systemId: systemId(document),
        validate: (dtd) => validate(library, document, dtd),
      },
    })
  } finally {
    document.dispose()
  }
}

function faultsOf(error: unknown): XmlFault[] {
  const details = (error as { details?: Detail[] }).details ?? []
  return details.map(({ message, line, col, xpath }) => ({
    line,
    column: Math.max(1, col),
    element:
      xpath
        ?.split('/')
        .pop()
        ?.replace(/\[\d+\]$/, '') ?? '',
    message: message.trimEnd(),
  }))
}

function validate(library: Library, document: LibraryDocument, text: string): XmlFault[] {
  const dtd = library.XmlDtd.fromString(text)
  const validator = new library.DtdValidator(dtd)
  try {
    validator.validate(document)
    return []
  } catch (error) {
    return faultsOf(error)
  } finally {
    validator.dispose()
    dtd.dispose()
  }
}

function systemId(document: LibraryDocument): string | null | undefined {
  if (document.dtd === null) return undefined
  // libxml2's own rendering is regular: quotes and blanks are normalised. Comments and instructions may come before.
  const prolog =
    /^(?:<\?[\s\S]*?\?>|<!--[\s\S]*?-->|\s)*<!DOCTYPE\s+[^\s>[]+(?:\s+(?:PUBLIC\s+(?:"[^"]*"|'[^']*')|SYSTEM)\s+(?:"([^"]*)"|'([^']*)'))?/
  const match = prolog.exec(document.toString({ format: false }))
  return match?.[1] ?? match?.[2] ?? null
}

function element(library: Library, node: LibraryElement): Element {
  const result: Element = {
    name: node.name,
    attributes: Object.fromEntries(
      node.attrs.map((a) => [a.prefix ? `${a.prefix}:${a.name}` : a.name, a.value]),
    ),
    children: [],
    text: '',
    line: node.line,
  }
  for (let child = node.firstChild; child; child = child.next) {
    if (child instanceof library.XmlElement) result.children.push(element(library, child))
    else if (child instanceof library.XmlText || child instanceof library.XmlCData)
      result.text += child.content
    else if (child instanceof library.XmlEntityReference) result.text += child.content
  }
  return result
}
