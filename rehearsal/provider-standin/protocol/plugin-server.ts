import type { AddressInfo } from 'node:net';
import type { Attribute, Block, Nesting } from '../schema/schema';
import type { Diagnostic, Path, StandIn } from '../stand-in';
import { createIdentity } from './certificate';
import { createGrpcServer, type Unary } from './grpc-server';
import { PROCEDURES } from './messages';
import { decodeMessage, encodeMessage, type Message } from './protobuf';
import { decodeValue, encodeValue, type Value, type ValueMap } from './value';

/** Says that Terraform, not a person, started the program. Source: hashicorp/terraform-plugin-go, tf6server. */
const COOKIE = { name: 'TF_PLUGIN_MAGIC_COOKIE', value: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2' };
const HANDSHAKE_VERSION = 1;
const PROTOCOL_VERSION = 6;
const NOT_A_PROGRAM = 'This is a stand-in for a Terraform provider: Terraform starts it. See rehearsal/provider-standin/README.md.';
/** Terraform may be killed without a word to its plugins; then they end by themselves. */
const ORPHAN_CHECK_MS = 500;

/**
 * Serves a stand-in as a Terraform plugin until Terraform ends it: listens on a free loopback port, prints the handshake line and
 * answers with mutual TLS.
 * @throws Error when it was not started by Terraform or OpenTofu
 */
export async function servePlugin(standIn: StandIn, env: NodeJS.ProcessEnv): Promise<void> {
  const client = env.PLUGIN_CLIENT_CERT;
  if (env[COOKIE.name] !== COOKIE.value || client === undefined) throw new Error(NOT_A_PROGRAM);
  const identity = createIdentity(Date.now());
  const server = createGrpcServer({ ...identity, client, calls: callsOf(standIn) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(0), ORPHAN_CHECK_MS).unref();
  process.stdout.write(`${HANDSHAKE_VERSION}|${PROTOCOL_VERSION}|tcp|127.0.0.1:${port}|grpc|${identity.certificateBase64}\n`);
}

function callsOf(standIn: StandIn): Record<string, Unary> {
  const handlers = handlersOf(standIn);
  const calls: Record<string, Unary> = {
    '/plugin.GRPCController/Shutdown': () => {
      // the answer goes out first
      setTimeout(() => process.exit(0), 1);
      return Buffer.alloc(0);
    },
  };
  for (const [name, { request, response }] of Object.entries(PROCEDURES)) {
    calls[`/tfplugin6.Provider/${name}`] = async (bytes) =>
      encodeMessage(response, (await handlers[name]?.(decodeMessage(request, bytes))) ?? {});
  }
  return calls;
}

type Handler = (request: Message) => Message | Promise<Message>;

function handlersOf(standIn: StandIn): Record<string, Handler> {
  const map = (dynamic: Message): ValueMap => value(dynamic) as ValueMap;
  return {
    GetProviderSchema: () => ({
      provider: schemaMessage(standIn.schema.provider),
      resource_schemas: mapValues(standIn.schema.resources, schemaMessage),
      data_source_schemas: mapValues(standIn.schema.dataSources, schemaMessage),
      server_capabilities: { get_provider_schema_optional: true },
    }),
    ConfigureProvider: ({ config }) => ({ diagnostics: messages(standIn.configure(map(config))) }),
    ValidateResourceConfig: ({ type_name, config }) => ({ diagnostics: messages(standIn.validate(type_name, map(config))) }),
    UpgradeResourceState: ({ raw_state }) => ({ upgraded_state: dynamic(JSON.parse(raw_state.json.toString('utf8'))) }),
    ReadResource: ({ type_name, current_state }) => ({ new_state: dynamic(standIn.read(type_name, map(current_state))) }),
    PlanResourceChange: ({ type_name, prior_state, proposed_new_state }) => {
      const { planned, replace, diagnostics } = standIn.plan(type_name, value(prior_state), value(proposed_new_state));
      return { planned_state: dynamic(planned), requires_replace: (replace ?? []).map(pathMessage), diagnostics: messages(diagnostics) };
    },
    ApplyResourceChange: async ({ type_name, prior_state, planned_state }) => {
      const { state, diagnostics } = await standIn.apply(type_name, value(prior_state), value(planned_state));
      return { new_state: dynamic(state), diagnostics: messages(diagnostics) };
    },
    ReadDataSource: async ({ type_name, config }) => {
      const { state, diagnostics } = await standIn.readData(type_name, map(config));
      return { state: dynamic(state), diagnostics: messages(diagnostics) };
    },
  };
}

function value(dynamic: Message | undefined): Value {
  return decodeValue(dynamic?.msgpack);
}

function dynamic(content: Value): Message {
  return { msgpack: encodeValue(content) };
}

function messages(diagnostics: readonly Diagnostic[] = []): Message[] {
  return diagnostics.map(({ severity, summary, detail, path }) => ({
    severity: severity === 'error' ? 1 : 2,
    summary,
    detail,
    attribute: path && pathMessage(path),
  }));
}

function pathMessage(path: Path): Message {
  return { steps: path.map((step) => (typeof step === 'number' ? { element_key_int: step } : { attribute_name: step })) };
}

const NESTING: Readonly<Record<Nesting, number>> = { single: 1, list: 2, set: 3, map: 4 };

function schemaMessage(block: Block): Message {
  return { version: 0, block: blockMessage(block) };
}

function blockMessage({ attributes, blocks }: Block): Message {
  return {
    attributes: Object.entries(attributes).map(([name, attribute]) => attributeMessage(name, attribute)),
    block_types: Object.entries(blocks).map(([type_name, { nesting, min, max, block }]) => ({
      type_name,
      block: blockMessage(block),
      nesting: NESTING[nesting],
      min_items: min,
      max_items: max,
    })),
  };
}

function attributeMessage(name: string, { type, nested, ...flags }: Attribute): Message {
  return {
    name,
    ...flags,
    type: type && Buffer.from(JSON.stringify(type)),
    nested_type: nested && {
      nesting: NESTING[nested.nesting],
      attributes: Object.entries(nested.attributes).map(([key, attribute]) => attributeMessage(key, attribute)),
    },
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (item: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, change(item)]));
}
