package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/semver"
	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

// What every API server that the chart is for serves.
var servedAlways = []string{
	"v1", "apps/v1", "batch/v1", "policy/v1", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1",
	"coordination.k8s.io/v1", "events.k8s.io/v1", "apiextensions.k8s.io/v1",
}

type kubeVersion struct{ Version, Major, Minor string }

func (v kubeVersion) String() string { return v.Version }

// GitVersion is the old name of Version.
func (v kubeVersion) GitVersion() string { return v.Version }

type apiVersions []string

// Has tells whether the cluster serves an API version, or a kind of one.
func (a apiVersions) Has(version string) bool { return contains(a, version) }

// render answers every template's text, by its path below the chart's name.
func (c *chart) render(o options) (map[string]string, error) {
	version, err := c.compatible(o.kubeVersion)
	if err != nil {
		return nil, err
	}
	values, err := c.coalesced(o)
	if err != nil {
		return nil, err
	}
	if err := c.validate(values); err != nil {
		return nil, err
	}
	top := map[string]interface{}{
		"Values": values,
		"Chart":  c.metadataForTemplates(),
		"Files":  c.files,
		"Release": map[string]interface{}{
			"Name": o.name, "Namespace": o.namespace, "Service": "Helm",
			"Revision": 1, "IsInstall": !o.isUpgrade, "IsUpgrade": o.isUpgrade,
		},
		"Capabilities": map[string]interface{}{
			"KubeVersion": version,
			"APIVersions": apiVersions(append(append([]string{}, servedAlways...), o.apiVersions...)),
		},
	}
	return c.execute(top)
}

// compatible refuses a cluster that the chart is not for.
func (c *chart) compatible(text string) (kubeVersion, error) {
	version, err := semver.NewVersion(text)
	if err != nil {
		return kubeVersion{}, fmt.Errorf("--kube-version %s: %w", text, err)
	}
	if wanted, _ := c.metadata["kubeVersion"].(string); wanted != "" {
		constraint, err := semver.NewConstraint(wanted)
		if err != nil {
			return kubeVersion{}, named("Chart.yaml", err)
		}
		if !constraint.Check(version) {
			return kubeVersion{}, fmt.Errorf(
				"chart requires kubeVersion: %s which is incompatible with Kubernetes v%s", wanted, version)
		}
	}
	return kubeVersion{"v" + version.String(), fmt.Sprint(version.Major()), fmt.Sprint(version.Minor())}, nil
}

func (c *chart) execute(top map[string]interface{}) (map[string]string, error) {
	// A key that is not there is empty, as in Helm.
	root := template.New("chart").Option("missingkey=zero")
	root.Funcs(functions(root))
	names := []string{}
	for name, text := range c.templates {
		full := path.Join(c.name(), name)
		if _, err := root.New(full).Parse(text); err != nil {
			return nil, fmt.Errorf("parse error: %w", err)
		}
		names = append(names, full)
	}
	sort.Strings(names)
	rendered := map[string]string{}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		scope := map[string]interface{}{
			"Template": map[string]interface{}{"Name": name, "BasePath": path.Join(c.name(), "templates")},
		}
		for key, value := range top {
			scope[key] = value
		}
		var text strings.Builder
		if err := root.ExecuteTemplate(&text, name, scope); err != nil {
			return nil, fmt.Errorf("execution error: %w", err)
		}
		rendered[name] = strings.ReplaceAll(text.String(), "<no value>", "")
	}
	return rendered, nil
}

// functions is what Helm gives to templates: Sprig without a look at the environment, and its own.
func functions(root *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	include := func(name string, data interface{}) (string, error) {
		var text strings.Builder
		err := root.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	all["include"] = include
	all["tpl"] = func(text string, data interface{}) (string, error) {
		clone, err := root.Clone()
		if err != nil {
			return "", err
		}
		if clone, err = clone.New("tpl").Parse(text); err != nil {
			return "", err
		}
		var result strings.Builder
		err = clone.Execute(&result, data)
		return strings.ReplaceAll(result.String(), "<no value>", ""), err
	}
	all["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	all["fail"] = func(message string) (string, error) { return "", errors.New(message) }
	all["lookup"] = func(...string) map[string]interface{} { return map[string]interface{}{} }
	all["toYaml"] = toYAML
	all["toJson"] = func(value interface{}) string {
		text, _ := json.Marshal(value)
		return string(text)
	}
	all["fromYaml"] = func(text string) map[string]interface{} {
		result := map[string]interface{}{}
		if err := yaml.Unmarshal([]byte(text), &result); err != nil {
			result["Error"] = err.Error()
		}
		return result
	}
	all["fromYamlArray"] = func(text string) []interface{} {
		result := []interface{}{}
		if err := yaml.Unmarshal([]byte(text), &result); err != nil {
			result = []interface{}{err.Error()}
		}
		return result
	}
	all["fromJson"] = all["fromYaml"]
	all["fromJsonArray"] = all["fromYamlArray"]
	return all
}

func toYAML(value interface{}) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}
