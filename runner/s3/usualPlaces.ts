/** What settings leave open, from where Amazon's own tools look: the environment, ~/.aws/config and ~/.aws/credentials. */
import { loadConfig } from '@smithy/core/config'
import type { StoreSettings } from './objectStore.ts'

const REGION = 'us-east-1'

/** A section of ~/.aws/config and ~/.aws/credentials, or the whole of a file by its sections. */
type Section = Readonly<Record<string, string | undefined>>

/**
 * With the region, and with the endpoint if one is said anywhere. Credentials are left to the S3 library, which looks in
 * these places, too, and asks the machine's role.
 */
export async function withUsualPlaces(settings: StoreSettings): Promise<StoreSettings> {
  const where = settings.awsProfile === undefined ? {} : { profile: settings.awsProfile }
  const region = loadConfig(
    {
      environmentVariableSelector: (env) => env.AWS_REGION || env.AWS_DEFAULT_REGION,
      configFileSelector: (section) => section.region,
      default: REGION,
    },
    where,
  )
  const endpoint = loadConfig(
    {
      environmentVariableSelector: (env) => env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL,
      configFileSelector: (section, file) => endpointOf(section, file as Record<string, Section>),
      default: '',
    },
    where,
  )
  return {
    ...settings,
    region: settings.region ?? (await region()),
    endpoint: settings.endpoint ?? ((await endpoint()) || undefined),
  }
}

/** A section may name one of services, [services NAME], that has an endpoint for S3 alone. */
function endpointOf(section: Section, file: Readonly<Record<string, Section>>): string | undefined {
  const services = section.services === undefined ? undefined : file[`services.${section.services}`]
  return services?.['s3.endpoint_url'] || section.endpoint_url
}
