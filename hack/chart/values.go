package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// coalesced is the chart's values, overlaid by the files and then by --set. A null takes a key away.
func (c *chart) coalesced(o options) (map[string]interface{}, error) {
	given := map[string]interface{}{}
	for _, file := range o.files {
		text, err := readFile(file)
		if err != nil {
			return nil, err
		}
		layer := map[string]interface{}{}
		if err := yaml.Unmarshal(text, &layer); err != nil {
			return nil, named(file, err)
		}
		given = overlay(given, layer, true)
	}
	for _, assignment := range o.sets {
		if err := set(given, assignment); err != nil {
			return nil, err
		}
	}
	return overlay(c.values, given, false), nil
}

func readFile(file string) ([]byte, error) {
	if file == "-" {
		file = "/dev/stdin"
	}
	return os.ReadFile(file)
}

// overlay is base with the keys of layer on top; maps are merged, all else is replaced. A null is kept only where a
// further layer is to come, which it shall reach.
func overlay(base, layer map[string]interface{}, keepNull bool) map[string]interface{} {
	result := map[string]interface{}{}
	for key, value := range base {
		result[key] = value
	}
	for key, value := range layer {
		below, isMap := value.(map[string]interface{})
		beneath, wasMap := result[key].(map[string]interface{})
		switch {
		case value == nil && !keepNull:
			delete(result, key)
		case isMap && (wasMap || !keepNull):
			result[key] = overlay(beneath, below, keepNull)
		default:
			result[key] = value
		}
	}
	return result
}

// set applies what --set knows of a.b[0].c=value, with {a,b} for lists and "\." for a dot in a key.
func set(values map[string]interface{}, assignment string) error {
	at := strings.Index(assignment, "=")
	if at < 1 {
		return fmt.Errorf("--set %s: it should be KEY=VALUE", assignment)
	}
	const dot = "\x00"
	keys := strings.Split(strings.ReplaceAll(assignment[:at], `\.`, dot), ".")
	var parent interface{} = values
	store := func(interface{}) {}
	for _, part := range keys {
		part = strings.ReplaceAll(part, dot, ".")
		key, indices, err := split(part)
		if err != nil {
			return fmt.Errorf("--set %s: %w", assignment, err)
		}
		fields, ok := parent.(map[string]interface{})
		if !ok {
			fields = map[string]interface{}{}
			store(fields)
		}
		store = func(value interface{}) { fields[key] = value }
		parent = fields[key]
		for _, index := range indices {
			items, _ := parent.([]interface{})
			for len(items) <= index {
				items = append(items, nil)
			}
			store(items)
			index := index
			store = func(value interface{}) { items[index] = value }
			parent = items[index]
		}
	}
	store(scalarOrList(assignment[at+1:]))
	return nil
}

// split takes the indices off a key: a[0][1].
func split(part string) (string, []int, error) {
	pieces := strings.Split(part, "[")
	indices := []int{}
	for _, piece := range pieces[1:] {
		index, err := strconv.Atoi(strings.TrimSuffix(piece, "]"))
		if err != nil || index < 0 || index > 1000 {
			return "", nil, fmt.Errorf("%s has no index that is a number", part)
		}
		indices = append(indices, index)
	}
	return pieces[0], indices, nil
}

func scalarOrList(text string) interface{} {
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		return scalar(text)
	}
	items := []interface{}{}
	if inner := text[1 : len(text)-1]; inner != "" {
		for _, item := range strings.Split(inner, ",") {
			items = append(items, scalar(item))
		}
	}
	return items
}

func scalar(text string) interface{} {
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(number, 10) == text {
		return number
	}
	return text
}
