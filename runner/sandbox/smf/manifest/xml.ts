/**
 * XML by libxml2, the library of the real svccfg, so that what is well formed and valid is decided as there.
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
  /** Faults by the DTD, as libxml2 prints them: "FILE:LINE: element X: validity error : ..." */
  validate(dtd: string): string[]
}

export type Parsed = { document: Document } | { errors: string[] }

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
export async function withDocument<T>(bytes: Uint8Array, name: string, use: (p: Parsed) => T): Promise<T> {
  loading ??= import('libxml2-wasm')
  const library = await loading
  let document: LibraryDocument
  try {
    document = library.XmlDocument.fromBuffer(bytes, {
      url: name,
      option: library.ParseOption.XML_PARSE_NONET,
    })
  } catch (error) {
    return use({ errors: parserErrors(error, bytes, name) })
  }
  try {
    return use({
      document: {
        root: element(library, document.root),
        systemId: systemId(document),
        validate: (dtd) => validate(library, document, dtd, name),
      },
    })
  } finally {
    document.dispose()
  }
}

function details(error: unknown): Detail[] {
  return (error as { details?: Detail[] }).details ?? []
}

function parserErrors(error: unknown, bytes: Uint8Array, name: string): string[] {
  const found = details(error)
  if (found.length === 0) return [`${name}:1: parser error : Document is empty`, '', '^']
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  return found.flatMap(({ message, line, col }) => [
    `${name}:${line}: parser error : ${message.trimEnd()}`,
    lines[line - 1] ?? '',
    `${' '.repeat(Math.max(0, col - 1))}^`,
  ])
}

function validate(library: Library, document: LibraryDocument, text: string, name: string): string[] {
  const dtd = library.XmlDtd.fromString(text)
  const validator = new library.DtdValidator(dtd)
  try {
    validator.validate(document)
    return []
  } catch (error) {
    return details(error).map(({ message, line, xpath }) => {
      const about =
        xpath
          ?.split('/')
          .pop()
          ?.replace(/\[\d+\]$/, '') ?? ''
      return `${name}:${line}: element ${about}: validity error : ${message.trimEnd()}`
    })
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
