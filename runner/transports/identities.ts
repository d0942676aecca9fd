/**
 * The keys that a target may log in with: the agent's and those of the identity files. A passphrase is asked
 * for only when the host would accept the key, or when nothing else tells its public half.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { fingerprint } from './knownHosts.ts'
import { outlinePrivateKey } from './privateKey.ts'
import { type Agent, createAgent, type ParsedKey, parseKey } from './ssh2.ts'
import type { SshTarget } from './transport.ts'

export type AskSecret = (prompt: string) => Promise<string | undefined>

/** Why a key could not be used; `what` is a clause, `next` a sentence. */
export interface IdentityProblem {
  what: string
  next: string
}

export interface Identity {
  /** For the list of what was tried. */
  label: string
  /** In wire format. Undefined when it cannot be had (the problem is then noted). */
  publicKey(): Promise<Buffer | undefined>
  /** The signature as ssh2 wants it of an agent. Rejects when the key cannot be used. */
  sign(data: Buffer, hash: SignatureHash): Promise<Buffer>
}

export type SignatureHash = 'sha1' | 'sha256' | 'sha512' | undefined

const PASSPHRASE_ATTEMPTS = 3

/** Keys in the order to try: the agent's that identity files name, its others, then the files' own. */
export async function loadIdentities(
  target: SshTarget,
  askSecret: AskSecret | undefined,
  problems: IdentityProblem[],
): Promise<Identity[]> {
  const [agentKeys, files] = await Promise.all([
    agentIdentities(target.agent, target.connectTimeoutSeconds, problems),
    Promise.all(target.identityFiles.map((file) => readIdentityFile(file, askSecret, problems))),
  ])
  const named = (key: Buffer) => files.some((file) => file.publicKey?.equals(key))
  const inAgent = (key: Buffer | undefined) => key !== undefined && agentKeys.some((a) => a.key.equals(key))
  for (const file of files) if (file.problem && !inAgent(file.publicKey)) problems.push(file.problem)
  return [
    ...agentKeys.filter((a) => named(a.key)).map((a) => a.identity),
    ...agentKeys.filter((a) => !named(a.key) && !target.identitiesOnly).map((a) => a.identity),
    ...files.flatMap((file) => (file.identity && !inAgent(file.publicKey) ? [file.identity] : [])),
  ]
}

interface AgentKey {
  key: Buffer
  identity: Identity
}

async function agentIdentities(
  socket: string | undefined,
  timeoutSeconds: number,
  problems: IdentityProblem[],
): Promise<AgentKey[]> {
  if (socket === undefined) return []
  const agent = createAgent(socket)
  // The library waits for ever for an agent that takes the question and says nothing.
  let stream: Duplex | undefined
  const { getStream } = agent
  agent.getStream = (done) =>
    getStream?.call(agent, (error, opened) => {
      stream = opened
      done(error, opened)
    })
  const timer = setTimeout(() => stream?.destroy(), timeoutSeconds * 1000)
  try {
    const keys = await new Promise<ParsedKey[]>((resolve, reject) => {
      agent.getIdentities((error, found) => (error ? reject(error) : resolve((found ?? []) as ParsedKey[])))
    })
    return keys.map((key) => agentKey(agent, key, problems))
  } catch {
    const next = 'Start it with: eval `ssh-agent`; ssh-add (or unset SSH_AUTH_SOCK)'
    problems.push({ what: `the SSH agent at ${socket} does not answer`, next })
    return []
  } finally {
    clearTimeout(timer)
  }
}

function agentKey(agent: Agent, key: ParsedKey, problems: IdentityProblem[]): AgentKey {
  const blob = key.getPublicSSH()
  const label = `${key.type} ${fingerprint(blob)} of the agent`
  const sign = (data: Buffer, hash: SignatureHash) =>
    new Promise<Buffer>((resolve, reject) => {
      agent.sign(key, data, hash ? { hash } : {}, (error, signature) => {
        if (signature) return resolve(signature)
        problems.push({
          what: `the agent refused to sign with ${label}`,
          next: 'Unlock it, or ssh-add again',
        })
        reject(error ?? new Error('no signature'))
      })
    })
  return { key: blob, identity: { label, publicKey: async () => blob, sign } }
}

interface IdentityFile {
  publicKey: Buffer | undefined
  identity: Identity | undefined
  problem: IdentityProblem | undefined
}

// Synchronously, since a small file is read sooner than a thread is found that would read it.
async function readIdentityFile(
  file: string,
  askSecret: AskSecret | undefined,
  problems: IdentityProblem[],
): Promise<IdentityFile> {
  const beside = publicKeyBeside(file)
  const unusable = (what: string, next: string): IdentityFile => ({
    publicKey: beside,
    identity: undefined,
    problem: { what, next },
  })
  let text: string
  try {
    const found = statSync(file)
    const mode = found.mode & 0o777
    if (found.uid === process.getuid?.() && (mode & 0o077) !== 0) {
      const others = `others can read ${file} (mode ${mode.toString(8).padStart(4, '0')}), so it is not used`
      return unusable(others, `chmod 600 ${file}`)
    }
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return unusable(`${file} does not exist`, `Make it with: ssh-keygen -f ${file}`)
    return unusable(`${file} cannot be read (${code})`, `Check it with: ls -l ${file}`)
  }
  const outline = outlinePrivateKey(text, file)
  if (outline.kind === 'unusable') return unusable(`${file} ${outline.reason}`, outline.next)
  const unlock = keyLoader(file, text, outline.encrypted, askSecret, problems)
  const plain = outline.encrypted ? undefined : await unlock()
  const publicKey = outline.publicKey ?? plain?.getPublicSSH() ?? beside
  const identity: Identity = {
    label: file,
    publicKey: async () => publicKey ?? (await unlock())?.getPublicSSH(),
    async sign(data, hash) {
      const key = await unlock()
      if (key === undefined) throw new Error(`${file} cannot be used`)
      const signature: Buffer | Error = key.sign(data, hash)
      if (signature instanceof Error) throw signature
      return signature
    },
  }
  return { publicKey, identity, problem: undefined }
}

function publicKeyBeside(file: string): Buffer | undefined {
  try {
    const key = parseKey(readFileSync(file.endsWith('.pub') ? file : `${file}.pub`))
    return key instanceof Error ? undefined : key.getPublicSSH()
  } catch {
    return undefined
  }
}

/** Gives the key, asking for its passphrase the first time; undefined, with the problem noted, when it cannot. */
function keyLoader(
  file: string,
  text: string,
  encrypted: boolean,
  askSecret: AskSecret | undefined,
  problems: IdentityProblem[],
): () => Promise<ParsedKey | undefined> {
  let loaded: Promise<ParsedKey | undefined> | undefined
  const give = (what: string, next: string): undefined => {
    problems.push({ what, next })
    return undefined
  }
  const load = async (): Promise<ParsedKey | undefined> => {
    if (!encrypted) {
      const key = parseKey(text)
      return key instanceof Error
        ? give(`${file} cannot be used (${key.message})`, `ssh-keygen -y -f ${file}`)
        : key
    }
    for (let attempt = 1; attempt <= PASSPHRASE_ATTEMPTS; attempt++) {
      const passphrase = await askSecret?.(`Passphrase for ${file}: `)
      if (passphrase === undefined) {
        return give(`${file} has a passphrase and there is no terminal to ask for it`, `ssh-add ${file}`)
      }
      const key = parseKey(text, passphrase)
      if (!(key instanceof Error)) return key
    }
    return give(`the passphrase of ${file} was wrong ${PASSPHRASE_ATTEMPTS} times`, `ssh-add ${file}`)
  }
  return () => {
    loaded ??= load()
    return loaded
  }
}
