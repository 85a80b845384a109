import type { MessageShape } from './protobuf';

/**
 * The messages of Terraform's plugin protocol 6 that the stand-in reads and writes; what it does not use is left out.
 * Source of names and numbers: the published definition "Terraform Plugin RPC protocol version 6" (OpenTofu speaks the same).
 */
const dynamicValue: MessageShape = { msgpack: [1, 'bytes'], json: [2, 'bytes'] };
const step: MessageShape = { attribute_name: [1, 'string'], element_key_string: [2, 'string'], element_key_int: [3, 'int'] };
const attributePath: MessageShape = { steps: [1, 'messages', step] };
const diagnostic: MessageShape = {
  severity: [1, 'int'],
  summary: [2, 'string'],
  detail: [3, 'string'],
  attribute: [4, 'message', attributePath],
};

// attributes hold attributes and blocks hold blocks
const attribute: Record<string, MessageShape[string]> = {
  name: [1, 'string'],
  type: [2, 'bytes'],
  description: [3, 'string'],
  required: [4, 'bool'],
  optional: [5, 'bool'],
  computed: [6, 'bool'],
  sensitive: [7, 'bool'],
  write_only: [11, 'bool'],
};
attribute.nested_type = [10, 'message', { attributes: [1, 'messages', attribute], nesting: [3, 'int'] }];
const block: Record<string, MessageShape[string]> = { version: [1, 'int'], attributes: [2, 'messages', attribute] };
block.block_types = [
  3,
  'messages',
  { type_name: [1, 'string'], block: [2, 'message', block], nesting: [3, 'int'], min_items: [4, 'int'], max_items: [5, 'int'] },
];
const schema: MessageShape = { version: [1, 'int'], block: [2, 'message', block] };
const capabilities: MessageShape = { plan_destroy: [1, 'bool'], get_provider_schema_optional: [2, 'bool'] };
const dynamic = (number: number): MessageShape[string] => [number, 'message', dynamicValue];
const diagnostics = (number: number): MessageShape[string] => [number, 'messages', diagnostic];

/** Request and response of each procedure of service tfplugin6.Provider. */
export const PROCEDURES: Readonly<Record<string, { readonly request: MessageShape; readonly response: MessageShape }>> = {
  GetProviderSchema: {
    request: {},
    response: {
      provider: [1, 'message', schema],
      resource_schemas: [2, 'map', schema],
      data_source_schemas: [3, 'map', schema],
      diagnostics: diagnostics(4),
      server_capabilities: [6, 'message', capabilities],
    },
  },
  ValidateProviderConfig: { request: { config: dynamic(1) }, response: { diagnostics: diagnostics(2) } },
  ValidateResourceConfig: { request: { type_name: [1, 'string'], config: dynamic(2) }, response: { diagnostics: diagnostics(1) } },
  ValidateDataResourceConfig: { request: { type_name: [1, 'string'], config: dynamic(2) }, response: { diagnostics: diagnostics(1) } },
  ConfigureProvider: { request: { terraform_version: [1, 'string'], config: dynamic(2) }, response: { diagnostics: diagnostics(1) } },
  UpgradeResourceState: {
    request: { type_name: [1, 'string'], version: [2, 'int'], raw_state: [3, 'message', { json: [1, 'bytes'] }] },
    response: { upgraded_state: dynamic(1), diagnostics: diagnostics(2) },
  },
  ReadResource: {
    request: { type_name: [1, 'string'], current_state: dynamic(2) },
    response: { new_state: dynamic(1), diagnostics: diagnostics(2) },
  },
  PlanResourceChange: {
    request: { type_name: [1, 'string'], prior_state: dynamic(2), proposed_new_state: dynamic(3), config: dynamic(4) },
    response: { planned_state: dynamic(1), requires_replace: [2, 'messages', attributePath], diagnostics: diagnostics(4) },
  },
  ApplyResourceChange: {
    request: { type_name: [1, 'string'], prior_state: dynamic(2), planned_state: dynamic(3), config: dynamic(4) },
    response: { new_state: dynamic(1), diagnostics: diagnostics(3) },
  },
  ReadDataSource: {
    request: { type_name: [1, 'string'], config: dynamic(2) },
    response: { state: dynamic(1), diagnostics: diagnostics(2) },
  },
  StopProvider: { request: {}, response: { Error: [1, 'string'] } },
};
