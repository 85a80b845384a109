import { type Subject, subject } from './subject';
import providers from './terraform-providers.json';

/** Of whatever scope: the fork of CDKTF publishes the same bindings under its own. */
const BINDING = /^npm:@[^/]+\/provider-[^@]+@/;
/** Parts of CDKTF itself that are named like bindings. */
const NO_BINDING = /^npm:@[^/]+\/provider-(?:generator|schema)@/;

/**
 * The Terraform providers that `terraform init` downloads for the stacks of a target. Which version that is follows from the pinned binding
 * packages; a binding that the table does not know is a provider of which nothing is known.
 */
export function providerSubjects(packages: readonly Subject[], target: string): readonly Subject[] {
  const bindings = packages.filter((each) => BINDING.test(idOf(each)) && !NO_BINDING.test(idOf(each)));
  return bindings.flatMap((binding) => {
    const id = idOf(binding);
    const known = providers.find((provider) => provider.binding === id);
    if (known && !known.targets.includes(target)) return [];
    const name = known?.id ?? `provider:unknown/${id.slice('npm:'.length)}`;
    return [
      subject({
        id: name,
        title: known?.title ?? `Terraform provider behind ${id.slice('npm:'.length)}`,
        role: 'operator-tool',
        kind: 'terraform-provider',
        pinned: known ? `v${name.slice(name.lastIndexOf('@') + 1)}` : null,
        location: binding.location,
      }),
    ];
  });
}

/** Name and version; a second copy in the tree has its path in its id. */
function idOf(binding: Subject): string {
  return binding.lockIds[0] ?? binding.id;
}
