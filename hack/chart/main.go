// Command chart renders the operator's chart as Helm 3 does, for machines that have no Helm. It knows what this chart
// uses: no dependencies, no hooks, no lookups in a cluster.
package main

import (
	"flag"
	"fmt"
	"os"
	"path"
	"strings"
)

const usage = `usage: chart template NAME CHART [-n NAMESPACE] [-f FILE]... [--set KEY=VALUE]... [--kube-version V]
                [--api-versions X]... [--show-only TEMPLATE]... [--include-crds] [--notes]
       chart lint CHART [-f FILE]... [--set KEY=VALUE]...
`

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

type options struct {
	name, namespace, kubeVersion    string
	files, sets, apiVersions, only  list
	includeCRDs, isNotes, isUpgrade bool
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	o, positional, err := parse(arguments)
	if err != nil {
		return err
	}
	switch {
	case len(positional) == 3 && positional[0] == "template":
		o.name = positional[1]
		return printTemplates(positional[2], o)
	case len(positional) == 2 && positional[0] == "lint":
		o.name = "lint"
		return lint(positional[1], o)
	}
	fmt.Fprint(os.Stderr, usage)
	os.Exit(2)
	return nil
}

// parse takes flags before, between and after the positional arguments, as Helm does.
func parse(arguments []string) (options, []string, error) {
	o := options{}
	flags := flag.NewFlagSet("chart", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	flags.StringVar(&o.namespace, "n", "default", "")
	flags.StringVar(&o.namespace, "namespace", "default", "")
	flags.StringVar(&o.kubeVersion, "kube-version", "v1.33.0", "")
	flags.Var(&o.files, "f", "")
	flags.Var(&o.files, "values", "")
	flags.Var(&o.sets, "set", "")
	flags.Var(&o.apiVersions, "a", "")
	flags.Var(&o.apiVersions, "api-versions", "")
	flags.Var(&o.only, "s", "")
	flags.Var(&o.only, "show-only", "")
	flags.BoolVar(&o.includeCRDs, "include-crds", false, "")
	flags.BoolVar(&o.isNotes, "notes", false, "")
	flags.BoolVar(&o.isUpgrade, "is-upgrade", false, "")
	var positional []string
	for {
		if err := flags.Parse(arguments); err != nil {
			return o, nil, err
		}
		if flags.NArg() == 0 {
			return o, positional, nil
		}
		positional = append(positional, flags.Arg(0))
		arguments = flags.Args()[1:]
	}
}

func printTemplates(folder string, o options) error {
	c, err := load(folder)
	if err != nil {
		return err
	}
	rendered, err := c.render(o)
	if err != nil {
		return err
	}
	if o.isNotes {
		fmt.Print(rendered[path.Join(c.name(), "templates", "NOTES.txt")])
		return nil
	}
	manifests, err := sorted(rendered)
	if err != nil {
		return err
	}
	if o.includeCRDs {
		manifests = append(c.crds(), manifests...)
	}
	found := map[string]bool{}
	for _, m := range manifests {
		template := strings.TrimPrefix(m.source, c.name()+"/")
		if len(o.only) == 0 || contains(o.only, template) {
			found[template] = true
			fmt.Printf("---\n# Source: %s\n%s\n", m.source, m.text)
		}
	}
	for _, template := range o.only {
		if !found[template] {
			return fmt.Errorf("could not find template %s in chart", template)
		}
	}
	return nil
}

func lint(folder string, o options) error {
	c, err := load(folder)
	if err != nil {
		return err
	}
	for _, field := range []string{"apiVersion", "name", "version", "description", "appVersion"} {
		if text, _ := c.metadata[field].(string); text == "" {
			return fmt.Errorf("Chart.yaml: %s is missing", field)
		}
	}
	if folder := path.Base(folder); folder != c.name() {
		return fmt.Errorf("the chart %s is in a folder named %s", c.name(), folder)
	}
	rendered, err := c.render(o)
	if err != nil {
		return err
	}
	if _, err := sorted(rendered); err != nil {
		return err
	}
	fmt.Println("1 chart(s) linted, 0 chart(s) failed")
	return nil
}

func contains(all []string, one string) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}
