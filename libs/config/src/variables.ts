import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, IsUrl, Matches, Max, Min, ValidateBy } from 'class-validator';
import { isCidr, isProxyNetwork, list, publicAliases } from './parse.js';

const says = (message: string) => ({ message: `$property ${message}` });
const IsCidrs = (): PropertyDecorator =>
  ValidateBy({
    name: 'isCidrs',
    validator: {
      validate: (value) => typeof value === 'string' && list(value).every(isCidr),
      defaultMessage: () => '$property must be networks like 10.1.0.0/16,fd00::/8',
    },
  });
const IsProxies = (): PropertyDecorator =>
  ValidateBy({
    name: 'isProxies',
    validator: {
      validate: (value) => typeof value === 'string' && list(value).every(isProxyNetwork),
      defaultMessage: () => '$property must be the networks of your proxies, like 10.1.0.5/32,fd00::/64, and not every address',
    },
  });
const IsAliases = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAliases',
    validator: {
      validate: (value) => typeof value === 'string' && publicAliases(value) !== undefined,
      defaultMessage: () => '$property must be origins, each with its last day, like https://old.example=2027-01-31',
    },
  });
const SERVER = { require_protocol: true, require_tld: false };

/** Each process reads the classes it needs, with `readConfig`. */
export class ServersConfig {
  /** How much is logged. */
  @IsIn(['debug', 'info', 'warn', 'error', 'silent'], says('must be debug, info, warn, error or silent'))
  readonly LOG_LEVEL: 'debug' | 'info' | 'warn' | 'error' | 'silent' = 'warn';

  /** `nats://user:password@host:4222`; several hosts with commas. */
  @IsOptional()
  @Matches(/^(nats|tls|ws|wss):\/\/\S+$/, says('must be like nats://user:password@host:4222'))
  readonly NATS_URL?: string;

  /** `http://host:8222`: where the server says whether it syncs every write. */
  @IsOptional()
  @IsUrl({ ...SERVER, protocols: ['http', 'https'] }, says('must be like http://host:8222'))
  readonly NATS_MONITOR_URL?: string;

  /** `postgres://user:password@host:5432/database`. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/\S+$/, says('must be like postgres://user:password@host:5432/database'))
  readonly DATABASE_URL?: string;

  /** `redis://:password@host:6379`. */
  @IsOptional()
  @Matches(/^(redis|rediss|valkey):\/\/\S+$/, says('must be like redis://:password@host:6379'))
  readonly VALKEY_URL?: string;

  /** Copies of each stream: 1 on one server, 3 on a cluster. */
  @Type(() => Number)
  @IsIn([1, 3, 5], says('must be 1, 3 or 5'))
  readonly NATS_REPLICAS: number = 1;

  /** How much disk the facts may take, bytes. */
  @Type(() => Number)
  @IsInt(says('must be a number of bytes'))
  @Min(64 * 1024 ** 2, says('must be at least 67108864, 64 MiB'))
  readonly FACTS_MAX_BYTES: number = 10 * 1024 ** 3;

  /** How much disk the calls of the last thirteen months may take, bytes. */
  @Type(() => Number)
  @IsInt(says('must be a number of bytes'))
  @Min(64 * 1024 ** 2, says('must be at least 67108864, 64 MiB'))
  readonly CALLS_MAX_BYTES: number = 10 * 1024 ** 3;
}

/** Of each process that answers requests. */
export class ProxiedConfig {
  /** Networks of the proxies in front of the listeners: X-Forwarded-For counts when one of them sends it. */
  @IsOptional()
  @IsProxies()
  readonly TRUSTED_PROXIES?: string;
}

export class ApiConfig extends ProxiedConfig {
  /** Where the API listens. */
  @IsString() readonly API_HOST: string = '127.0.0.1';

  @Type(() => Number)
  @IsInt(says('must be a port'))
  @Min(0, says('must be a port'))
  @Max(65_535, says('must be a port'))
  readonly API_PORT: number = 4600;

  /** How a browser reaches it, when that is not API_HOST and API_PORT: behind a proxy that ends TLS. */
  @IsOptional()
  @IsUrl({ ...SERVER, protocols: ['http', 'https'] }, says('must be like https://butler.example'))
  readonly API_URL?: string;

  /** More names in the Host header by which it answers, besides loopback and those of API_HOST and API_URL: `butler.lan,ops.example`. */
  @IsOptional()
  @Matches(/^\s*[A-Za-z0-9_.-]+(\s*,\s*[A-Za-z0-9_.-]+)*\s*$/, says('must be names like butler.lan,ops.example'))
  readonly API_HOSTS?: string;

  /** Maximum connections of one address to the API, among 10,000 in total. */
  @Type(() => Number)
  @IsInt(says('must be a number of connections'))
  @Min(16, says('must be at least 16'))
  @Max(10_000, says('must be at most 10000'))
  readonly API_CONNECTIONS_PER_ADDRESS: number = 1_000;
}

/** What the processes need that deal with peers: the API, which registers them, and the one that faces them. */
export class FederationConfig {
  /** The key of secrets at rest: 32 bytes, base64. */
  @IsOptional()
  @Matches(/^[A-Za-z0-9+/]{43}=$/, says('must be 32 bytes in base64'))
  readonly SECRETS_KEY?: string;

  /** Networks in private ranges where peers may be: `10.1.0.0/16,fd00::/8`. */
  @IsOptional()
  @IsCidrs()
  readonly FEDERATION_ALLOW_CIDRS?: string;

  /** Whether peers on loopback may be reached, by http: for trying things out. */
  @IsIn(['true', 'false'], says('must be true or false'))
  readonly FEDERATION_ALLOW_LOOPBACK_HTTP: 'true' | 'false' = 'false';

  /** Whether routing rules may lead to agents on this machine, over http as well. Unset: as the kind of process says. */
  @IsOptional()
  @IsIn(['true', 'false'], says('must be true or false'))
  readonly ROUTE_ALLOW_LOOPBACK?: 'true' | 'false';
}

export class ProberConfig {
  /** Gateways to probe: `berlin=http://127.0.0.1:18789,lisbon!=https://gw.example`; `!` marks a critical one. */
  @IsOptional()
  @Matches(
    /^\s*[A-Za-z0-9_-]{1,50}!?=https?:\/\/[^\s,]+(\s*,\s*[A-Za-z0-9_-]{1,50}!?=https?:\/\/[^\s,]+)*\s*$/,
    says('must be like berlin=http://127.0.0.1:18789,lisbon!=https://gw.example'),
  )
  readonly GATEWAYS?: string;

  /** Where the API answers, for its probe; the standalone process knows. */
  @IsOptional()
  @IsUrl({ ...SERVER, protocols: ['http', 'https'] }, says('must be like http://127.0.0.1:4600'))
  readonly PROBE_API_URL?: string;
}

/** What faces other machines: peers and edge agents. */
export class PublicConfig extends ProxiedConfig {
  /** Where peers and edge agents are answered. */
  @IsString() readonly PUBLIC_HOST: string = '127.0.0.1';

  @Type(() => Number)
  @IsInt(says('must be a port'))
  @Min(0, says('must be a port'))
  @Max(65_535, says('must be a port'))
  readonly PUBLIC_PORT: number = 4601;

  /** How peers and edge agents reach it, when that is not PUBLIC_HOST and PUBLIC_PORT: behind a proxy that ends TLS. */
  @IsOptional()
  @IsUrl({ ...SERVER, protocols: ['http', 'https'] }, says('must be like https://butler.example'))
  readonly PUBLIC_URL?: string;

  /** Other addresses that are accepted for a while, each with its last day, UTC: `https://old.example=2027-01-31`; several with commas. */
  @IsOptional()
  @IsAliases()
  readonly PUBLIC_URL_ALIASES?: string;

  /** Certificates and key, PEM, when this process ends TLS itself. */
  @IsOptional()
  @Matches(/^-----BEGIN CERTIFICATE-----/, says('must be certificates in PEM'))
  readonly PUBLIC_TLS_CERT?: string;

  @IsOptional()
  @Matches(/^-----BEGIN (\w+ )?PRIVATE KEY-----/, says('must be a private key in PEM'))
  readonly PUBLIC_TLS_KEY?: string;

  /** Maximum connections of one address, among 10,000 in total; open tunnels do not count. */
  @Type(() => Number)
  @IsInt(says('must be a number of connections'))
  @Min(16, says('must be at least 16'))
  @Max(10_000, says('must be at most 10000'))
  readonly PUBLIC_CONNECTIONS_PER_ADDRESS: number = 1_000;
}

export class StandaloneConfig {
  /** Where the standalone process keeps everything. */
  @IsString() readonly DATA_DIR: string = '.data';
}
