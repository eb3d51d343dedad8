package main

import (
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

// manifest is one object of a template.
type manifest struct {
	source, text, kind, name string
}

// The order in which Helm installs; kinds that it does not know come last.
var installOrder = []string{
	"Namespace", "NetworkPolicy", "ResourceQuota", "PodDisruptionBudget", "ServiceAccount", "ConfigMap",
	"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Service", "Deployment",
}

var separator = regexp.MustCompile(`(?m)^---[ \t]*$`)

// sorted takes the templates' texts apart into objects, in the order of installation. Each must be YAML with a kind and
// a name, and no two may be the same object.
func sorted(rendered map[string]string) ([]manifest, error) {
	all := []manifest{}
	seen := map[string]string{}
	sources := []string{}
	for source := range rendered {
		sources = append(sources, source)
	}
	sort.Strings(sources)
	for _, source := range sources {
		if path.Base(source) == "NOTES.txt" {
			continue
		}
		for _, text := range separator.Split(rendered[source], -1) {
			text = strings.TrimSpace(text)
			m, err := read(source, text)
			if err != nil {
				return nil, err
			}
			if m == nil {
				continue
			}
			if other, ok := seen[m.name]; ok {
				return nil, fmt.Errorf("%s and %s both have %s", other, source, m.name)
			}
			seen[m.name] = source
			all = append(all, *m)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return rank(all[i].kind) < rank(all[j].kind) })
	return all, nil
}

// read is one document as a manifest; nil when it holds nothing but comments.
func read(source, text string) (*manifest, error) {
	var object map[string]interface{}
	if err := yaml.UnmarshalStrict([]byte(text), &object); err != nil {
		return nil, fmt.Errorf("YAML parse error on %s: %w\n%s", source, err, text)
	}
	if len(object) == 0 {
		return nil, nil
	}
	kind, _ := object["kind"].(string)
	metadata, _ := object["metadata"].(map[string]interface{})
	name, _ := metadata["name"].(string)
	if kind == "" || name == "" {
		return nil, fmt.Errorf("%s: an object has no kind or no name:\n%s", source, text)
	}
	full := fmt.Sprintf("%s %v/%s", kind, metadata["namespace"], name)
	return &manifest{source: source, text: text, kind: kind, name: full}, nil
}

func rank(kind string) int {
	for i, each := range installOrder {
		if each == kind {
			return i
		}
	}
	return len(installOrder)
}
