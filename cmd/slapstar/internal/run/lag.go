package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"slapstar/engine"
	"slapstar/internal/tree"
)

const (
	mostLags   = 10      // that are remembered of a Master
	maxLagFile = 1 << 16 // bytes
)

// A Lag is how late a full Master listed what an apply wrote, see [engine.Outcome].
type Lag struct {
	Time time.Time     `json:"time"` // when the apply ended
	Lag  time.Duration `json:"lag"`  // in nanoseconds
}

// RememberLag keeps the lag of an apply, if one was seen, beside the last few of the
// same Master. That it cannot is no error: doctor then knows less.
func (m *Master) RememberLag(o *engine.Outcome) {
	if o == nil || o.Lag <= 0 {
		return
	}
	path, err := lagFile(m.Location)
	if err != nil || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	list := append(lags(m.Location), Lag{time.Now().UTC().Truncate(time.Second), o.Lag})
	list = list[max(0, len(list)-mostLags):]
	if data, err := json.Marshal(list); err == nil {
		_ = ReplaceFile(path, data, 0o600)
	}
}

// lags are the last lags of a Master, the newest last.
func lags(location string) []Lag {
	path, err := lagFile(location)
	if err != nil {
		return nil
	}
	data, err := tree.ReadNamed(path, maxLagFile)
	var list []Lag
	if err != nil || json.Unmarshal(data, &list) != nil {
		return nil
	}
	return list
}

// lagFile is where the lags of a Master are: its URL may be no name of a file.
func lagFile(location string) (string, error) {
	folder, err := StateFolder()
	sum := sha256.Sum256([]byte(location))
	return filepath.Join(folder, "lags", hex.EncodeToString(sum[:8])+".json"), err
}
