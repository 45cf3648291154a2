// Judges published logs with Go's own transparency log: golang.org/x/mod/sumdb/note and tlog, the code
// behind sum.golang.org. Nothing of the petition engine is used here.
//
//	judge FOLDER...    one line of JSON per folder
//
// A folder holds `log` (as published) and `proofs.json` (as our code made them from it).
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // C2SP tlog-tiles: 256 hashes in a full tile

type proofs struct {
	Inclusion [][]string // per leaf, base64
	Earlier   []struct {
		Checkpoint  string
		Consistency []string
	}
}

type verdict struct {
	Case    string `json:"case"`
	Stage   string `json:"stage"` // "" where everything holds, else what was refused
	Why     string `json:"why"`
	Leaves  int    `json:"leaves"`
	Earlier int    `json:"earlier"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, folder := range os.Args[1:] {
		found := verdict{Case: filepath.Base(folder)}
		if stage, err := judge(folder, &found); err != nil {
			found.Stage, found.Why = stage, err.Error()
		}
		if err := out.Encode(found); err != nil {
			panic(err)
		}
	}
}

// judge returns the stage that refused and why.
func judge(folder string, found *verdict) (string, error) {
	place := filepath.Join(folder, "log")
	var given proofs
	raw, err := os.ReadFile(filepath.Join(folder, "proofs.json"))
	if err == nil {
		err = json.Unmarshal(raw, &given)
	}
	if err != nil {
		return "files", err
	}
	keys, err := verifiers(place)
	if err != nil {
		return "key", err
	}
	signed, err := os.ReadFile(filepath.Join(place, "checkpoint"))
	if err != nil {
		return "files", err
	}
	tree, err := open(string(signed), keys)
	if err != nil {
		return "note", err
	}
	reader := tlog.TileHashReader(tree, &tiles{place: place, kept: map[tlog.Tile][]byte{}})
	if stage, err := leaves(place, tree, reader, given, found); err != nil {
		return stage, err
	}
	return history(tree, keys, reader, given, found)
}

// verifiers reads the log's keys from the policy file (C2SP tlog-policy: "log <vkey>"): several while one
// takes over from another.
func verifiers(place string) ([]note.Verifier, error) {
	policy, err := os.ReadFile(filepath.Join(place, "policy"))
	if err != nil {
		return nil, err
	}
	var found []note.Verifier
	for _, line := range strings.Split(string(policy), "\n") {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "log" {
			key, err := note.NewVerifier(words[1])
			if err != nil {
				return nil, err
			}
			found = append(found, key)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("the policy names no log")
	}
	return found, nil
}

func open(signed string, keys []note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open([]byte(signed), note.VerifierList(keys...))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, errors.New("a checkpoint has three lines")
	}
	if lines[0] != opened.Sigs[0].Name {
		return tlog.Tree{}, errors.New("the checkpoint is of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// leaves authenticates the tiles against the signed root, then each entry against the tiles.
func leaves(place string, tree tlog.Tree, reader tlog.HashReader, given proofs, found *verdict) (string, error) {
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return "tiles", err
	}
	if root != tree.Hash {
		return "tiles", errors.New("the tiles give another root")
	}
	entries, err := bundles(place, tree.N)
	if err != nil {
		return "entries", err
	}
	if len(given.Inclusion) != len(entries) {
		return "inclusion", fmt.Errorf("%d proofs of %d leaves", len(given.Inclusion), len(entries))
	}
	for i, entry := range entries {
		stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(i))})
		if err != nil {
			return "tiles", err
		}
		if stored[0] != tlog.RecordHash(entry) {
			return "entries", fmt.Errorf("entry %d is not the leaf in the tile", i)
		}
		proof, err := tlog.ProveRecord(tree.N, int64(i), reader)
		if err != nil {
			return "tiles", err
		}
		theirs, err := hashes(given.Inclusion[i])
		if err != nil {
			return "inclusion", err
		}
		if err := tlog.CheckRecord(theirs, tree.N, tree.Hash, int64(i), tlog.RecordHash(entry)); err != nil {
			return "inclusion", fmt.Errorf("leaf %d: %w", i, err)
		}
		if fmt.Sprint(proof) != fmt.Sprint(tlog.RecordProof(theirs)) {
			return "inclusion", fmt.Errorf("leaf %d: another proof than ours", i)
		}
		found.Leaves++
	}
	return "", nil
}

// history shows every earlier signed checkpoint to be a beginning of the newest.
func history(tree tlog.Tree, keys []note.Verifier, reader tlog.HashReader, given proofs, found *verdict) (string, error) {
	for _, earlier := range given.Earlier {
		old, err := open(earlier.Checkpoint, keys)
		if err != nil {
			return "earlier note", err
		}
		root, err := tlog.TreeHash(old.N, reader)
		if err != nil {
			return "tiles", err
		}
		if root != old.Hash {
			return "earlier root", fmt.Errorf("the first %d entries give another root", old.N)
		}
		theirs, err := hashes(earlier.Consistency)
		if err != nil {
			return "consistency", err
		}
		if err := tlog.CheckTree(theirs, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return "consistency", fmt.Errorf("size %d: %w", old.N, err)
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return "tiles", err
		}
		if fmt.Sprint(proof) != fmt.Sprint(tlog.TreeProof(theirs)) {
			return "consistency", fmt.Errorf("size %d: another proof than ours", old.N)
		}
		found.Earlier++
	}
	return "", nil
}

func hashes(encoded []string) ([]tlog.Hash, error) {
	found := []tlog.Hash{}
	for _, text := range encoded {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) != tlog.HashSize {
			return nil, errors.New("not a hash")
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		found = append(found, hash)
	}
	return found, nil
}

// bundles reads the entries: two bytes of length, then the entry, again and again.
func bundles(place string, size int64) ([][]byte, error) {
	var entries [][]byte
	for n := int64(0); n<<height < size; n++ {
		width := size - n<<height
		if width > 1<<height {
			width = 1 << height
		}
		path := tlog.Tile{H: height, L: -1, N: n, W: int(width)}.Path()
		raw, err := os.ReadFile(filepath.Join(place, strings.Replace(path, "tile/8/data/", "tile/entries/", 1)))
		if err != nil {
			return nil, err
		}
		for len(raw) > 0 {
			if len(raw) < 2 || len(raw) < 2+int(binary.BigEndian.Uint16(raw)) {
				return nil, errors.New("a bundle ends inside an entry")
			}
			end := 2 + int(binary.BigEndian.Uint16(raw))
			entries, raw = append(entries, raw[2:end]), raw[end:]
		}
	}
	if int64(len(entries)) != size {
		return nil, fmt.Errorf("%d entries in a log of %d", len(entries), size)
	}
	return entries, nil
}

// tiles hands the published files to tlog, which trusts none of them.
type tiles struct {
	place string
	kept  map[tlog.Tile][]byte // only what tlog has authenticated
}

func (t *tiles) Height() int { return height }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		content, known := t.kept[tile]
		if !known {
			path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
			var err error
			if content, err = os.ReadFile(filepath.Join(t.place, path)); err != nil {
				return nil, err
			}
		}
		found = append(found, content)
	}
	return found, nil
}

func (t *tiles) SaveTiles(authentic []tlog.Tile, contents [][]byte) {
	for i, tile := range authentic {
		t.kept[tile] = contents[i]
	}
}
