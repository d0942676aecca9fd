/** The texts that an action replaces, old and new, in the order of its changes. Pure. */
import { basename } from 'node:path'
import { keptTextPath } from '../build/keptTexts.ts'
import type { Receipt } from '../receipts/receipt.ts'
import type { ServiceFile } from '../services/supervisor.ts'
import type { Action, Change } from './plan.ts'
import type { TextChange } from './preview.ts'

export interface Texts {
  /** Of the host, by path; undefined for none. */
  onHost: (path: string) => string | undefined
  /** Of this machine, below patches/; undefined where it has another, or none (a rollback). */
  patch: (file: string) => string | undefined
  /** Files of the recipe's services as they would be, by the service's name. */
  services: Readonly<Record<string, ServiceFile[]>>
}

/** What an installation brings that was not there is no change of a text. */
export function textChanges(action: Action, receipt: Receipt | undefined, texts: Texts): TextChange[] {
  if (!receipt) return []
  const keptOf = (label: string, value: string | undefined) => {
    const path = value === undefined ? undefined : keptTextPath(receipt, label, value)
    return path && texts.onHost(path)
  }
  const patches = action.changes.filter(({ label }) => label.startsWith('patch '))
  const renamed = renames(patches)
  return action.changes.flatMap((change): TextChange[] => {
    const { part, label } = change
    if (part === 'services') return serviceTexts(change, action, texts)
    if (part === 'files' && label.startsWith('/')) {
      const file = action.build.files.find(({ path }) => path === label)
      return changed(
        { kind: 'configuration', label, name: label },
        { was: change.old, text: keptOf(label, change.old) },
        file?.content,
      )
    }
    if (!label.startsWith('patch ') || [...renamed.values()].includes(change)) return []
    const file = label.slice('patch '.length)
    const before = renamed.get(change) ?? change
    const name = before === change ? file : `${before.label.slice('patch '.length)} -> ${file}`
    return changed(
      { kind: 'patch', label, name },
      { was: before.old, text: keptOf(before.label, before.old) },
      texts.patch(file) ?? keptOf(label, change.new),
    )
  })
}

/** A patch that a new version has under the same name in another folder: added -> removed. */
function renames(patches: readonly Change[]): Map<Change, Change> {
  const removed = patches.filter((change) => change.new === undefined)
  return new Map(
    patches.flatMap((change): [Change, Change][] => {
      if (change.old !== undefined) return []
      const before = removed.find(({ label }) => basename(label) === basename(change.label))
      return before ? [[change, before]] : []
    }),
  )
}

function serviceTexts({ label, old }: Change, action: Action, texts: Texts): TextChange[] {
  return (texts.services[label] ?? []).flatMap((file) => {
    const path = `${action.build.prefix}/${file.path}`
    const kind = file.path.endsWith('.xml') ? 'manifest' : 'method'
    return changed({ kind, label, name: path }, { was: old, text: texts.onHost(path) }, file.content)
  })
}

/** `was`: the input that stands for the old text, undefined for none; `text`: what it said, where that is known. */
function changed(
  about: Pick<TextChange, 'kind' | 'label' | 'name'>,
  { was, text }: { was: string | undefined; text: string | undefined },
  after: string | undefined,
): TextChange[] {
  if (was === undefined) return after === undefined ? [] : [{ what: 'new', ...about, new: after }]
  const sameText = about.kind === 'configuration' && text !== undefined
  if (text === after) return sameText ? [{ what: 'mode', ...about, old: text, new: text }] : []
  if (text === undefined) return [{ what: 'unknown', ...about, ...(after !== undefined && { new: after }) }]
  return after === undefined
    ? [{ what: 'gone', ...about, old: text }]
    : [{ what: 'changed', ...about, old: text, new: after }]
}
