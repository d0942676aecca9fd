/** The variables of an Ansible inventory that say how a host is reached. All others are left alone. Pure. */
import { configFault } from '../faults.ts'
import { jumpProblem, nameProblem } from '../hostNames.ts'
import type { Variable, Variables } from './ansibleInventory.ts'
import type { InventoryHost, InventorySettings } from './inventoryHost.ts'
import { shellWords } from './shellWords.ts'

type Field = 'address' | 'port' | 'user' | 'key' | 'jump'
type Reading = { value: string | number | undefined } | { problem: string }

// Of several names for one field the last one that is set wins, as in Ansible.
const READERS: [name: string, field: Field, read: (text: string) => Reading][] = [
  ['ansible_host', 'address', readName],
  ['ansible_ssh_host', 'address', readName],
  ['ansible_port', 'port', readPort],
  ['ansible_ssh_port', 'port', readPort],
  ['ansible_user', 'user', readName],
  ['ansible_ssh_user', 'user', readName],
  ['ansible_private_key_file', 'key', (text) => ({ value: text })],
  ['ansible_ssh_private_key_file', 'key', (text) => ({ value: text })],
  ['ansible_ssh_common_args', 'jump', readJump],
  ['ansible_ssh_extra_args', 'jump', readJump],
]

const OVER_SSH = ['ssh', 'smart', 'paramiko', 'paramiko_ssh', 'ansible.builtin.ssh', 'community.general.ssh']

/** Undefined for a host that Ansible does not reach over SSH either (local, network devices, Windows). */
export function connectionOf(variables: Variables): Pick<InventoryHost, 'settings' | 'problems'> | undefined {
  const connection = variables.get('ansible_connection')?.value
  if (connection !== undefined && !OVER_SSH.includes(String(connection))) return undefined
  const settings: InventorySettings = {}
  const problems: InventoryHost['problems'] = []
  for (const [name, field, read] of READERS) {
    const variable = variables.get(name)
    if (!variable || variable.value === null || variable.value === '') continue
    const reading = isText(variable)
      ? readPlain(String(variable.value), read)
      : { problem: 'is no plain value' }
    if ('problem' in reading) {
      const next = `Say ${field}: for this host in hosts.yaml.`
      const error = configFault(`${name} ${reading.problem}`, variable.location, { next })
      problems.push({ field, error })
    } else if (reading.value !== undefined) Object.assign(settings, { [field]: reading.value })
  }
  return { settings, problems }
}

function isText({ value }: Variable): boolean {
  return typeof value === 'string' || typeof value === 'number'
}

function readPlain(text: string, read: (text: string) => Reading): Reading {
  return /\{\{|\{%/.test(text) ? { problem: 'is a template, which is not evaluated here' } : read(text)
}

function readName(text: string): Reading {
  const problem = nameProblem(text)
  return problem === undefined ? { value: text } : { problem: `is wrong: ${problem}` }
}

function readPort(text: string): Reading {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return { value: port }
  return { problem: `is no port number: ${text}` }
}

/** Of the arguments for ssh only the jump host counts: -J HOST, -o ProxyJump=HOST. */
function readJump(text: string): Reading {
  const { words, open } = shellWords(text)
  if (open !== undefined) return { problem: 'has a quote that is not closed' }
  const texts = words.map((word) => word.text)
  let jump: string | undefined
  for (const [i, word] of texts.entries()) {
    if (texts[i - 1] === '-o' || texts[i - 1] === '-J') continue
    const [, flag, attached = ''] = /^-([oJ])(.*)$/.exec(word) ?? []
    const value = attached === '' ? (texts[i + 1] ?? '') : attached
    if (flag === 'J') jump ??= value
    if (flag !== 'o') continue
    const [, option = '', said = ''] = /^([A-Za-z]+)\s*[=\s]\s*(.*)$/.exec(value.trim()) ?? []
    if (/^ProxyJump$/i.test(option)) jump ??= said
    if (/^ProxyCommand$/i.test(option)) {
      return { problem: 'has a ProxyCommand, which is not run here; name a jump host' }
    }
  }
  if (jump === undefined) return { value: undefined }
  const problem = jumpProblem(jump)
  return problem === undefined ? { value: jump } : { problem: `is wrong: ${problem}` }
}
