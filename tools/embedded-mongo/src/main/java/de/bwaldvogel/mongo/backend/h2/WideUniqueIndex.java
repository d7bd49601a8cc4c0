package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import org.h2.mvstore.MVMap;

/**
 * A unique index that serves every query which names all of its fields, whatever else it asks. The library's own serves only those that ask
 * nothing else, and scans the collection for {_id, version}. In the library's package because its class cannot be extended elsewhere.
 */
public final class WideUniqueIndex extends H2UniqueIndex {
    public WideUniqueIndex(MVMap<KeyValue, Object> map, String name, List<IndexKey> keys, boolean sparse) {
        super(map, name, keys, sparse);
    }

    @Override
    public synchronized boolean canHandle(Document query) {
        return query.keySet().containsAll(keySet()) && super.canHandle(ownPart(query));
    }

    @Override
    public synchronized Iterable<Object> getPositions(Document query) {
        return super.getPositions(ownPart(query));
    }

    private Document ownPart(Document query) {
        Document part = new Document();
        for (String key : keys()) part.put(key, query.get(key));
        return part;
    }
}
