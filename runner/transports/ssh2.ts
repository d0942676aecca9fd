/** The one door to the ssh2 library for what drives hosts. It is slow to load: only ssh.ts's side imports it. */
import ssh2 from 'ssh2'

export const { BaseAgent, Client, createAgent } = ssh2
export const parseKey = ssh2.utils.parseKey
export type {
  AnyAuthMethod,
  AuthHandlerMiddleware,
  BaseAgent as Agent,
  Client as SshClient,
  ClientChannel,
  IdentityCallback,
  ParsedKey,
  Prompt,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2'
