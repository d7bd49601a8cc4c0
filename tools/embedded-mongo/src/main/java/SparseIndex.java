import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * A sparse index of one field that is not unique: of the few documents that have something to be done, by when. The library ignores such
 * indexes and scans the collection. Kept in memory and made anew on each start, so it costs no write. It serves equality, ranges and
 * existence, both ends included: the collection itself drops what does not match the query.
 */
final class SparseIndex extends Index<Object> {
    private static final Set<String> RANGES = Set.of("$eq", "$lt", "$lte", "$gt", "$gte", "$exists");

    private final String field;
    private boolean isPlain = true;
    private final NavigableMap<Object, Map<Object, Object>> positions = new TreeMap<>(ValueComparator.asc());

    SparseIndex(String name, List<IndexKey> keys) {
        super(name, keys, true);
        field = keys.get(0).getKey();
    }

    @Override
    public synchronized void add(Document document, Object position, MongoCollection<Object> collection) {
        Object value = valueOf(document);
        if (value != null) positions.computeIfAbsent(value, none -> new HashMap<>()).put(document.get("_id"), position);
    }

    @Override
    public synchronized Object remove(Document document) {
        Object value = valueOf(document);
        Map<Object, Object> same = value == null ? null : positions.get(value);
        if (same == null) return null;
        Object position = same.remove(document.get("_id"));
        if (same.isEmpty()) positions.remove(value);
        return position;
    }

    @Override
    public synchronized void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
        remove(before);
        add(after, position, collection);
    }

    /** Arrays are matched by each of their values, and null by documents that are not here: both are left to a scan. */
    @Override
    public synchronized boolean canHandle(Document query) {
        if (!isPlain) return false;
        Object asked = query.get(field);
        if (asked instanceof Document range) {
            return !range.isEmpty() && RANGES.containsAll(range.keySet()) && !Boolean.FALSE.equals(range.get("$exists"))
                    && range.values().stream().allMatch(SparseIndex::isPlain);
        }
        return isPlain(asked);
    }

    @Override
    public synchronized List<Object> getPositions(Document query) {
        Object from = null;
        Object to = null;
        Document asked = query.get(field) instanceof Document range ? range : new Document("$eq", query.get(field));
        for (Map.Entry<String, Object> bound : asked.entrySet()) {
            boolean isEqual = bound.getKey().equals("$eq");
            if (isEqual || bound.getKey().startsWith("$g")) from = bound.getValue();
            if (isEqual || bound.getKey().startsWith("$l")) to = bound.getValue();
        }
        List<Object> found = new ArrayList<>();
        if (from != null && to != null && ValueComparator.asc().compare(from, to) > 0) return found;
        NavigableMap<Object, Map<Object, Object>> range = from == null ? positions : positions.tailMap(from, true);
        for (Map.Entry<Object, Map<Object, Object>> same : range.entrySet()) {
            if (to != null && ValueComparator.asc().compare(same.getKey(), to) > 0) break;
            found.addAll(same.getValue().values());
        }
        return found;
    }

    @Override
    public Object getPosition(Document document) {
        return null; // as the library's own for what is not unique: the index of _id tells
    }

    @Override
    public void checkAdd(Document document, MongoCollection<Object> collection) {}

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {}

    @Override
    public synchronized long getCount() {
        return positions.values().stream().mapToLong(Map::size).sum();
    }

    @Override
    public long getDataSize() {
        return 0;
    }

    @Override
    public synchronized void drop() {
        positions.clear();
    }

    /** Null where the document is not to be found here. One value that can't be kept in order, and all queries are left to scans. */
    private Object valueOf(Document document) {
        Object value = document.get(field);
        if (value != null && !isPlain(value)) isPlain = false;
        return isPlain(value) ? value : null;
    }

    private static boolean isPlain(Object value) {
        return value instanceof String || value instanceof Number || value instanceof Instant || value instanceof Boolean;
    }
}
