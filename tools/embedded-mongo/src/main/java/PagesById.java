import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.List;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;

/** Reads a page of a whole collection in the order of its IDs from the map that is sorted by them, without reading the rest. */
final class PagesById {
    private PagesById() {}

    /** The page, or null if the query needs more than this: it must have a limit, sort by `_id` alone, and have no condition but `_id > TEXT`. */
    static QueryResult of(MVMap<Object, Document> documents, Document query, Document order, int skip, int limit, Document fields) {
        if (order == null || order.size() != 1 || skip != 0 || limit <= 0 || (fields != null && !fields.isEmpty())) return null;
        if (!(order.get("_id") instanceof Number direction) || !hasTextIds(documents)) return null;
        String after = null;
        if (query != null && !query.isEmpty()) {
            if (direction.intValue() != 1 || query.size() != 1 || !(query.get("_id") instanceof Document range)) return null;
            if (range.size() != 1 || !(range.get("$gt") instanceof String text)) return null;
            after = text;
        }
        List<Document> page = new ArrayList<>();
        Object first = after == null && direction.intValue() == -1 ? documents.lastKey() : after;
        Cursor<Object, Document> cursor = documents.cursor(first, null, direction.intValue() == -1);
        while (page.size() < limit && cursor.hasNext()) {
            if (!cursor.next().equals(after)) page.add(cursor.getValue().clone());
        }
        return new QueryResult(page, 0);
    }

    /** The map sorts values of one type like MongoDB, and puts types in another order. */
    private static boolean hasTextIds(MVMap<Object, Document> documents) {
        return documents.isEmpty() || documents.firstKey() instanceof String && documents.lastKey() instanceof String;
    }
}
