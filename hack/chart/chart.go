package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/xeipuuv/gojsonschema"
	"sigs.k8s.io/yaml"
)

// chart is a chart's folder, read whole.
type chart struct {
	metadata  map[string]interface{}
	values    map[string]interface{}
	schema    []byte
	templates map[string]string // by path, such as templates/rbac.yaml
	crdFiles  map[string]string
	files     files
}

// files is what templates see as .Files: everything else in the folder.
type files map[string]string

// Get is the text of a file; empty when there is none.
func (f files) Get(name string) string { return f[name] }

// Glob is the files whose path matches a pattern.
func (f files) Glob(pattern string) files {
	found := files{}
	for name, text := range f {
		if ok, _ := filepath.Match(pattern, name); ok {
			found[name] = text
		}
	}
	return found
}

// AsConfig is the files as data of a ConfigMap.
func (f files) AsConfig() string { return f.as(func(text string) string { return text }) }

// AsSecrets is the files as data of a Secret.
func (f files) AsSecrets() string {
	return f.as(func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) })
}

func (f files) as(encode func(string) string) string {
	data := map[string]string{}
	for name, text := range f {
		data[filepath.Base(name)] = encode(text)
	}
	return toYAML(data)
}

func load(folder string) (*chart, error) {
	c := &chart{templates: map[string]string{}, crdFiles: map[string]string{}, files: files{}}
	// The link that the folder may be, and links in it, are followed: Helm does so too.
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, err
	}
	err = filepath.Walk(root, func(file string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		return c.add(filepath.ToSlash(name), text)
	})
	if err == nil && c.metadata == nil {
		err = fmt.Errorf("%s: there is no Chart.yaml", folder)
	}
	return c, err
}

func (c *chart) add(name string, text []byte) error {
	switch {
	case name == "Chart.yaml":
		return named(name, yaml.Unmarshal(text, &c.metadata))
	case name == "values.yaml":
		return named(name, yaml.UnmarshalStrict(text, &c.values))
	case name == "values.schema.json":
		c.schema = text
	case strings.HasPrefix(name, "templates/"):
		c.templates[name] = string(text)
	case strings.HasPrefix(name, "crds/"):
		c.crdFiles[name] = string(text)
	default:
		c.files[name] = string(text)
	}
	return nil
}

func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

func (c *chart) name() string { return c.metadata["name"].(string) }

// metadataForTemplates is .Chart: the fields begin with capitals there.
func (c *chart) metadataForTemplates() map[string]interface{} {
	fields := map[string]interface{}{}
	for key, value := range c.metadata {
		fields[strings.ToUpper(key[:1])+key[1:]] = value
	}
	return fields
}

// validate holds the values to the schema, with Helm's words.
func (c *chart) validate(values map[string]interface{}) error {
	if c.schema == nil {
		return nil
	}
	result, err := gojsonschema.Validate(gojsonschema.NewBytesLoader(c.schema), gojsonschema.NewGoLoader(values))
	if err != nil {
		return named("values.schema.json", err)
	}
	if result.Valid() {
		return nil
	}
	lines := []string{}
	for _, each := range result.Errors() {
		lines = append(lines, "- "+each.String())
	}
	sort.Strings(lines)
	return fmt.Errorf("values don't meet the specifications of the schema(s) in the following chart(s):\n%s:\n%s",
		c.name(), strings.Join(lines, "\n"))
}

func (c *chart) crds() []manifest {
	names := []string{}
	for name := range c.crdFiles {
		names = append(names, name)
	}
	sort.Strings(names)
	all := []manifest{}
	for _, name := range names {
		all = append(all, manifest{source: c.name() + "/" + name, text: strings.TrimSpace(c.crdFiles[name])})
	}
	return all
}
